/**
 * What a snapshot of logged state consists of: parts, one over the other, each a materialization that may
 * be absent, and the stretches of the log behind it.
 *
 *   key groups 0 to 3 of a snapshot by another subtask    materialization, stretches
 *   key groups 4 to 7 of a second one                     materialization, stretches
 *   0 to 7, of the writer itself                          stretches since it was restored from these
 *
 * So a subtask that was restored, rescaled or not, need not store again what it was restored from: its own
 * changes follow behind what it inherits. With its next materialization it is one part again.
 *
 * LP1  A part says nothing about key groups outside its range, whatever its files hold (C58, A19).
 *
 * Not here: the bytes of a stretch (segment-format.ts), how parts become state (replay.ts).
 */
import type { KeyGroupRange, KeyGroupSnapshot, NativeKeyedSnapshot } from "../keyed-snapshot.ts";
import { assert } from "../../core/assert.ts";
import { ByteReader, ByteWriter, DecodeError } from "../../core/bytes.ts";
import { asKeyGroup } from "../../core/ids.ts";
import type { StoredFile } from "../../core/stored-file.ts";

export const CHANGELOG_FORMAT = "changelog";

const MANIFEST_VERSION = 1;
/** "MATL", read as little-endian. */
const MATERIALIZATION_MAGIC = 0x4c54_414d;
const MATERIALIZATION_VERSION = 1;

/** @typeParam F what stands for a file: the file itself, or what is still to be stored. */
export type Part<F> = Readonly<{
  range: KeyGroupRange;
  /** All state of the range, instead of what is below; undefined: changes of what is below. */
  materialization: F | undefined;
  /** Number of the first change behind it. */
  firstSequence: number;
  /** In order. */
  segments: readonly F[];
}>;

export const filesOf = <F>(parts: readonly Part<F>[]): readonly F[] =>
  parts.flatMap(({ materialization, segments }) =>
    materialization === undefined ? segments : [materialization, ...segments],
  );

/** What does not lie in the range is left out, and with it parts that lie wholly outside. */
export const clipped = <F>(parts: readonly Part<F>[], range: KeyGroupRange): readonly Part<F>[] =>
  parts.flatMap((part) => {
    const first = Math.max(part.range.first, range.first);
    const last = Math.min(part.range.last, range.last);
    return first > last ? [] : [{ ...part, range: { first, last } }];
  });

/** The files follow one another as in `filesOf`. */
export function encodeManifest(parts: readonly Part<unknown>[]): Uint8Array {
  const out = new ByteWriter();
  out.u8(MANIFEST_VERSION);
  out.varint(parts.length);
  for (const { range, materialization, firstSequence, segments } of parts) {
    out.varint(range.first);
    out.varint(range.last);
    out.u8(materialization === undefined ? 0 : 1);
    out.varint(firstSequence);
    out.varint(segments.length);
  }
  return out.toBytes();
}

/**
 * The parts of a snapshot, within its own range.
 *
 * @throws DecodeError when its manifest is none, or does not go with its files
 */
export function decodeParts(native: NativeKeyedSnapshot): readonly Part<StoredFile>[] {
  assert(native.format === CHANGELOG_FORMAT, () => `"${native.format}" read as a change log`);
  const input = new ByteReader(native.manifest);
  const version = input.u8();
  if (version !== MANIFEST_VERSION) {
    throw new DecodeError(`manifest in format ${version}, ${MANIFEST_VERSION} expected`, 0);
  }
  const files = [...native.files];
  const take = (): StoredFile => {
    const file = files.shift();
    if (file !== undefined) return file;
    throw new DecodeError(`a manifest of more than ${native.files.length} files`, input.position);
  };
  const parts: Part<StoredFile>[] = [];
  for (let left = input.varint(); left > 0; left--) {
    const range = { first: input.varint(), last: input.varint() };
    const materialized = input.u8() !== 0;
    const firstSequence = input.varint();
    const materialization = materialized ? take() : undefined;
    const segments: StoredFile[] = [];
    for (let more = input.varint(); more > 0; more--) segments.push(take());
    parts.push({ range, materialization, firstSequence, segments });
  }
  if (input.remaining > 0 || files.length > 0) {
    const what = `${input.remaining} bytes and ${files.length} files`;
    throw new DecodeError(`${what} too many for the manifest`, input.position);
  }
  return clipped(parts, native.range);
}

export function encodeMaterialization(groups: readonly KeyGroupSnapshot[]): Uint8Array {
  const out = new ByteWriter(1_024);
  out.u32(MATERIALIZATION_MAGIC);
  out.u8(MATERIALIZATION_VERSION);
  out.varint(groups.length);
  for (const { keyGroup, bytes } of groups) {
    out.varint(keyGroup);
    out.blob(bytes);
  }
  return out.toBytes();
}

/** @throws DecodeError when the bytes are no such file, to their very end */
export function decodeMaterialization(bytes: Uint8Array): readonly KeyGroupSnapshot[] {
  const input = new ByteReader(bytes);
  if (input.u32() !== MATERIALIZATION_MAGIC) {
    throw new DecodeError("no materialization: its magic is wrong", 0);
  }
  const version = input.u8();
  if (version !== MATERIALIZATION_VERSION) {
    const expected = MATERIALIZATION_VERSION;
    throw new DecodeError(`a materialization in format ${version}, ${expected} expected`, 4);
  }
  const groups: KeyGroupSnapshot[] = [];
  for (let left = input.varint(); left > 0; left--) {
    groups.push({ keyGroup: asKeyGroup(input.varint()), bytes: input.blob().slice() });
  }
  if (input.remaining > 0) {
    throw new DecodeError(`${input.remaining} bytes behind the last group`, input.position);
  }
  return groups;
}
