/**
 * Files of runs on a disk, and what a disk that refuses means to those who keep state there.
 *
 * DF1  A run is synced before anyone refers to it; its name is durable with the next directory sync.
 */
import { assert } from "../../core/assert.ts";
import type { Disk, DiskError } from "../../host/disk.ts";
import type { RunFiles } from "./run.ts";

/** In words, for people. */
export const diskErrorText = (error: DiskError): string =>
  error.kind === "full"
    ? `${error.path} does not fit on a disk of ${error.capacityBytes} bytes`
    : `${error.path} is not on the disk`;

/**
 * @param directory ends in "/"
 * @param refused   hears why a file could not be written
 */
export function diskFiles(
  disk: Disk,
  directory: string,
  refused: (error: DiskError) => void,
): RunFiles {
  return {
    write(name, bytes) {
      const path = directory + name;
      const written = disk.write(path, bytes);
      const synced = written.ok ? disk.sync(path) : written;
      if (synced.ok) return true;
      if (written.ok) disk.delete(path);
      refused(synced.error);
      return false;
    },
    read(name, start, end) {
      const bytes = disk.readRange(directory + name, start, end);
      assert(bytes.ok, () => `UR1 run ${directory}${name} is referred to, but not on the disk`);
      return bytes.value;
    },
    delete(name) {
      disk.delete(directory + name);
    },
  };
}
