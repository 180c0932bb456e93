/**
 * Files of runs on a disk, and what a disk that refuses means to those who keep state there.
 *
 * DF1  A run is synced before anyone refers to it; its name is durable with the next directory sync.
 * DF2  A part that is read has all its bytes, however few the disk brings at a time (A05).
 * DF3  A file whose sync has failed goes, and is not synced again: it would succeed, and mean nothing.
 *
 * Source of DF3: PostgreSQL's fsyncgate of 2018, checkpoints that counted on a second sync.
 */
import { assert, unreachable } from "../../core/assert.ts";
import { DecodeError } from "../../core/bytes.ts";
import { ok } from "../../core/result.ts";
import type { Result } from "../../core/result.ts";
import type { Disk, DiskError } from "../../host/disk.ts";
import type { RunFiles } from "./run.ts";

/** In words, for people. */
export function diskErrorText(error: DiskError): string {
  switch (error.kind) {
    case "full":
      return `${error.path} does not fit on a disk of ${error.capacityBytes} bytes`;
    case "not-found":
      return `${error.path} is not on the disk`;
    case "failed":
      return `the disk failed at ${error.path}`;
    default:
      return unreachable(error);
  }
}

/**
 * @param directory ends in "/"
 * @param refused   hears why a file could not be written, or read
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
      if (written.ok) disk.delete(path); // DF3
      refused(synced.error);
      return false;
    },
    read(name, start, end) {
      const path = directory + name;
      const bytes = readPart(disk, path, start, end);
      if (bytes.ok) return bytes.value;
      const { error } = bytes;
      assert(
        error.kind !== "not-found",
        () => `UR1 run ${path} is referred to, but not on the disk`,
      );
      refused(error);
      throw new DecodeError(`run ${name} cannot be read`, start);
    },
    delete(name) {
      disk.delete(directory + name);
    },
  };
}

/** DF2: as many of these bytes as the file has. */
function readPart(
  disk: Disk,
  path: string,
  start: number,
  end: number,
): Result<Uint8Array, DiskError> {
  const first = disk.readRange(path, start, end);
  if (!first.ok || first.value.length >= end - start || first.value.length === 0) return first;
  const whole = new Uint8Array(end - start);
  whole.set(first.value);
  let have = first.value.length;
  while (have < whole.length) {
    const more = disk.readRange(path, start + have, end);
    if (!more.ok) return more;
    if (more.value.length === 0) break;
    whole.set(more.value, have);
    have += more.value.length;
  }
  return ok(whole.subarray(0, have));
}
