/**
 * Keyed state on the disk of the task manager: more of it than fits into memory.
 *
 * What the disk refuses stays in memory, so nothing is lost until the task has been stopped for it.
 *
 * Not here: how state lies in a tree (lsm-states.ts).
 */
import { present } from "../../core/assert.ts";
import { diskErrorText, diskFiles } from "../lsm/disk-files.ts";
import { LSM_DEFAULTS } from "../lsm/lsm-tree.ts";
import type { LsmOptions } from "../lsm/lsm-tree.ts";
import type { RunFiles } from "../lsm/run.ts";
import type { BackendStorage, StateBackend } from "../state-backend.ts";
import { LsmStates } from "./lsm-states.ts";
import { LSM_FORMAT } from "./native-form.ts";

/** Bytes; each has a default that suits state of some hundred megabytes a subtask. */
export type DiskBackendOptions = Readonly<
  Partial<
    Pick<LsmOptions, "memtableBytes" | "cacheBytes" | "blockBytes" | "runBytes" | "levelBytes">
  >
>;

/**
 * State lives in sorted files on the local disk, and a checkpoint stores those that are new since the one
 * before (`incremental`). A value changed in place counts as stored until the next record's key.
 *
 * @throws RangeError for sizes that make no sense
 */
export function diskBackend(options: DiskBackendOptions = {}): StateBackend {
  const tree = treeOptions("diskBackend", options);
  return {
    name: "disk",
    readsFormats: [LSM_FORMAT],
    create(config) {
      const storage = present(config.storage, () => "the disk backend has no disk to work on");
      return new LsmStates(config, { tree, files: keepingFiles(storage) });
    },
  };
}

/** @throws RangeError for sizes that make no sense */
export function treeOptions(of: string, options: DiskBackendOptions): LsmOptions {
  for (const [name, bytes] of Object.entries(options)) checkBytes(of, name, bytes);
  return { ...LSM_DEFAULTS, ...options };
}

/** @throws RangeError */
export function checkBytes(of: string, name: string, bytes: number): void {
  if (Number.isSafeInteger(bytes) && bytes > 0) return;
  throw new RangeError(
    `${of}: \`${name}\` is ${String(bytes)}; give a whole number of bytes, 1 or more`,
  );
}

/**
 * Files on the disk; those that it refuses are kept in memory, and the task is told to stop. So it is when
 * the disk has lost or changed one: a checkpoint has what it takes to begin again.
 */
export function keepingFiles({ disk, directory, fail }: BackendStorage): RunFiles {
  const kept = new Map<string, Uint8Array>();
  const onDisk = diskFiles(disk, directory, (error) => fail(`state: ${diskErrorText(error)}`));
  return {
    write(name, bytes) {
      if (!onDisk.write(name, bytes)) kept.set(name, bytes);
      return true;
    },
    read(name, start, end) {
      return kept.get(name)?.subarray(start, end) ?? onDisk.read(name, start, end);
    },
    delete(name) {
      if (!kept.delete(name)) onDisk.delete(name);
    },
    damaged(why) {
      fail(`state: ${why}`);
    },
  };
}
