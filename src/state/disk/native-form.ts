/**
 * A snapshot as the files of a tree: format "lsm".
 *
 *   manifest   version, type of the keys, parts (which state, of which types, in which key groups), levels
 *              (which files, by position, and how much of each counts)
 *
 * NL1  The bounds of a run are part of the manifest: what was foreign to the writer stays hidden from every
 *      later reader (A19, C58).
 */
import type { KeyGroupRange, KeyGroupSnapshot, NativeKeyedSnapshot } from "../keyed-snapshot.ts";
import { ByteReader, ByteWriter, DecodeError } from "../../core/bytes.ts";
import { present } from "../../core/assert.ts";
import { BlockCache } from "../lsm/block-cache.ts";
import { narrowed } from "../lsm/entry.ts";
import type { KeyBounds } from "../lsm/entry.ts";
import { readLevels, writeLevels } from "../lsm/level-list.ts";
import type { LevelList } from "../lsm/level-list.ts";
import { TreeSnapshot } from "../lsm/lsm-tree.ts";
import { Run, RunFile } from "../lsm/run.ts";
import type { RunFiles } from "../lsm/run.ts";
import { canonicalOf } from "./canonical-groups.ts";
import { groupBytes } from "./lsm-scope.ts";
import { readParts, writeParts } from "./stored-parts.ts";
import type { PartRange } from "./stored-parts.ts";

export const LSM_FORMAT = "lsm";
const VERSION = 1;

export type LsmManifest = Readonly<{
  keyType: string;
  parts: readonly PartRange[];
  /** `id` is the position of the file. */
  levels: LevelList;
}>;

export function encodeManifest({ keyType, parts, levels }: LsmManifest): Uint8Array {
  const out = new ByteWriter(1_024);
  out.u8(VERSION);
  out.string(keyType);
  writeParts(out, parts);
  writeLevels(out, levels);
  return out.toBytes();
}

/** @throws DecodeError when the bytes are no manifest */
export function decodeManifest({ manifest, files }: NativeKeyedSnapshot): LsmManifest {
  const input = new ByteReader(manifest);
  const version = input.u8();
  if (version !== VERSION) throw new DecodeError(`a manifest of version ${version}`, 0);
  const keyType = input.string();
  const parts = readParts(input);
  const levels = readLevels(input);
  for (const { id } of levels.flat()) {
    if (id >= files.length) throw new DecodeError(`file ${id} of ${files.length}`, input.position);
  }
  if (input.remaining > 0) {
    throw new DecodeError(`${input.remaining} bytes behind the levels`, input.position);
  }
  return { keyType, parts, levels };
}

/** All keys of the groups, and no other. */
export const boundsOf = ({ first, last }: KeyGroupRange): KeyBounds => ({
  from: groupBytes(first),
  to: groupBytes(last + 1),
});

/** The bytes of each file, in order of the list. @throws DecodeError where one is missing */
export function contentsOf({ files, contents }: NativeKeyedSnapshot): readonly Uint8Array[] {
  return files.map(({ path }) => {
    const bytes = contents?.get(path);
    if (bytes === undefined) throw new DecodeError(`the bytes of ${path} have not been fetched`, 0);
    return bytes;
  });
}

/** What a snapshot of this format holds, in the form that every backend reads. @throws DecodeError */
export function lsmGroups(native: NativeKeyedSnapshot): readonly KeyGroupSnapshot[] {
  const { keyType, parts, levels } = decodeManifest(native);
  const contents = contentsOf(native);
  const held: RunFiles = {
    write: () => false,
    read: (name, start, end) =>
      present(contents[Number(name)], () => `file ${name} of ${contents.length}`).subarray(
        start,
        end,
      ),
    delete: () => undefined,
  };
  const cache = new BlockCache(0);
  const own = boundsOf(native.range);
  const files = contents.map((bytes, i) => new RunFile(String(i), bytes.length, held, cache));
  const snapshot = new TreeSnapshot(
    [],
    levels.map((runs) => runs.map(({ id, bounds }) => new Run(files[id]!, narrowed(bounds, own)))),
  );
  return canonicalOf(snapshot.cursor(), parts, keyType, (_, value) => value);
}
