/** A disk in a map, trees so small that everything spills, and keys that can be read. */
import { compareText } from "../../core/ordered.ts";
import { err, ok } from "../../core/result.ts";
import type { Result } from "../../core/result.ts";
import type { Disk, DiskError } from "../../host/disk.ts";
import { diskFiles } from "./disk-files.ts";
import type { Entry } from "./entry.ts";
import { LsmTree } from "./lsm-tree.ts";
import type { LsmOptions, LsmSurroundings } from "./lsm-tree.ts";

/** All is durable at once; `isFull` makes it refuse. */
export class MapDisk implements Disk {
  readonly files = new Map<string, Uint8Array>();
  isFull = false;

  write(path: string, bytes: Uint8Array): Result<undefined, DiskError> {
    if (this.isFull) return err({ kind: "full", path, capacityBytes: 0 });
    this.files.set(path, bytes.slice());
    return ok(undefined);
  }

  append(path: string, bytes: Uint8Array): Result<undefined, DiskError> {
    return this.write(path, Uint8Array.of(...(this.files.get(path) ?? []), ...bytes));
  }

  read(path: string): Result<Uint8Array, DiskError> {
    const bytes = this.files.get(path);
    return bytes === undefined ? err({ kind: "not-found", path }) : ok(bytes.slice());
  }

  readRange(path: string, start: number, end: number): Result<Uint8Array, DiskError> {
    const bytes = this.read(path);
    return bytes.ok ? ok(bytes.value.subarray(start, end)) : bytes;
  }

  sync(path: string): Result<undefined, DiskError> {
    return this.files.has(path) ? ok(undefined) : err({ kind: "not-found", path });
  }

  rename(from: string, to: string): Result<undefined, DiskError> {
    const bytes = this.read(from);
    if (!bytes.ok) return bytes;
    this.files.delete(from);
    this.files.set(to, bytes.value);
    return ok(undefined);
  }

  delete(path: string): Result<undefined, DiskError> {
    return this.files.delete(path) ? ok(undefined) : err({ kind: "not-found", path });
  }

  list(prefix: string): readonly string[] {
    return [...this.files.keys()].filter((path) => path.startsWith(prefix)).sort(compareText);
  }

  syncDirectory(): void {}

  doneAtUs(): number {
    return 0;
  }
}

/** A handful of entries fills a memtable, two a block, and three levels come of a few hundred. */
export const TINY: LsmOptions = {
  memtableBytes: 400,
  cacheBytes: 300,
  blockBytes: 40,
  runBytes: 150,
  runsMax: 3,
  levelBytes: 600,
};

export function tinyTree(
  disk = new MapDisk(),
  around: Partial<LsmSurroundings> = {},
  options = TINY,
) {
  let names = 0;
  const tree = new LsmTree(options, {
    files: diskFiles(disk, "tree/", () => undefined),
    nextName: () => `${++names}.run`,
    ...around,
  });
  return { tree, disk };
}

export const bytes = (text: string): Uint8Array =>
  Uint8Array.from(text, (letter) => letter.charCodeAt(0));

export const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : String.fromCharCode(...value);

/** "a=1 b=2"; a tombstone is "c". */
export const entriesText = (entries: readonly Entry[]): string =>
  entries
    .map(({ key, value }) => text(key)! + (value === undefined ? "" : `=${text(value)}`))
    .join(" ");

/** "a" is put without a prefix of its own; "group/a" has the prefix "group/". */
export const entry = (key: string, value: string | undefined): Entry => ({
  key: bytes(key),
  prefix: prefixOf(key),
  value: value === undefined ? undefined : bytes(value),
});

export const prefixOf = (key: string): number => {
  const slash = key.indexOf("/");
  return slash < 0 ? key.length : slash + 1;
};
