/**
 * One subtask's snapshot as one file, and back, with nothing taken on trust.
 *
 * A file that has been torn, cut, mixed up or has rotted must be an error that says so: read as "no
 * state", it would lose data in silence (C52).
 *
 *   offset  0  magic "MILLSNAP"
 *           8  format version             u32
 *          12  length of the body         u32
 *          16  CRC-32 of the body         u32
 *          20  CRC-32 of bytes 0 to 19    u32
 *          24  body: whether the input had ended, then operator by operator: uid, keyed state by key
 *              group, or as its backend keeps it and in which files; timers; operator state by name
 *
 * The checksums stand in front, as a CRC-32 at the end of what it covers would give every intact
 * file the same CRC-32, and the handle's checksum could not tell one file from another.
 *
 * SF1  Every change of one byte, and every truncation, is refused.
 * SF2  Equal snapshots give equal files.
 * SF3  What is read shares no memory with the file.
 * SF4  An operator's keyed state is in its backend's form or in the canonical one, never in both.
 *
 * Files of version 2, which knew no form but the canonical one, are still read.
 *
 * Not here: the bytes of one key group (key-group-format.ts, time/timers.ts); where files lie.
 */
import type { KeyGroupSnapshot, NativeKeyedSnapshot } from "./keyed-snapshot.ts";
import { assert } from "../core/assert.ts";
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";
import { crc32 } from "../core/checksum.ts";
import { asKeyGroup, asOperatorUid } from "../core/ids.ts";
import { err, ok } from "../core/result.ts";
import type { Err, Result } from "../core/result.ts";
import { readStoredFile, writeStoredFile } from "../core/stored-file.ts";
import type {
  OperatorSnapshot,
  OperatorStateSnapshot,
  RedistributionMode,
  SnapshotHandle,
  SubtaskSnapshot,
} from "./operator-snapshot.ts";

const MAGIC = "MILLSNAP";
const FORMAT_VERSION = 3;
/** The first version in which keyed state may stand in its backend's form. */
const NATIVE_SINCE = 3;
const FORMAT_VERSION_MIN = 2;
const LENGTH_AT = 12;
const BODY_CHECKSUM_AT = 16;
const HEADER_CHECKSUM_AT = 20;
const HEADER_LENGTH = 24;
/** By what stands in the file. */
const MODES: readonly RedistributionMode[] = ["split", "union", "broadcast"];

/** Why a file is no snapshot, or not the one that was meant. */
export type SnapshotFileError = Readonly<{
  kind: "wrong-length" | "wrong-magic" | "wrong-version" | "wrong-checksum" | "malformed";
  path: string;
  /** Of the first byte in doubt. */
  offset: number;
  expected: string;
  actual: string;
  /** All of it in one sentence, and what to do. */
  message: string;
}>;

export function encodeSubtaskSnapshot(snapshot: SubtaskSnapshot): Uint8Array {
  const out = new ByteWriter(1_024);
  for (let i = 0; i < MAGIC.length; i++) out.u8(MAGIC.charCodeAt(i));
  out.u32(FORMAT_VERSION);
  for (let at = LENGTH_AT; at < HEADER_LENGTH; at += 4) out.u32(0);
  out.u8(snapshot.ended ? 1 : 0);
  out.varint(snapshot.operators.length);
  for (const operator of snapshot.operators) writeOperator(operator, out);
  const bytes = out.toBytes();
  const header = new ByteWriter(HEADER_LENGTH);
  header.raw(bytes, 0, LENGTH_AT);
  header.u32(bytes.length - HEADER_LENGTH);
  header.u32(crc32(bytes, HEADER_LENGTH));
  header.u32(crc32(header.bytes, 0, HEADER_CHECKSUM_AT));
  bytes.set(header.toBytes());
  return bytes;
}

/** What a checkpoint keeps of a file, so that it can be found and told from any other. */
export const snapshotHandle = (
  path: string,
  bytes: Uint8Array,
  shared = false,
): SnapshotHandle => ({ path, length: bytes.length, checksum: crc32(bytes), shared });

/** True when siblings of the subtask need the file for a restore (C60). */
export const isShared = ({ operators }: SubtaskSnapshot): boolean =>
  operators.some(({ operatorState }) => operatorState.some(({ mode }) => mode === "union"));

/**
 * @param path     names the file in errors
 * @param expected what the checkpoint says of the file, if it is known
 */
export function decodeSubtaskSnapshot(
  bytes: Uint8Array,
  path: string,
  expected?: Pick<SnapshotHandle, "length" | "checksum">,
): Result<SubtaskSnapshot, SnapshotFileError> {
  const damage = findDamage(bytes, path, expected);
  if (damage !== undefined) return damage;
  const version = new ByteReader(bytes, MAGIC.length).u32();
  try {
    return ok(readBody(new ByteReader(bytes, HEADER_LENGTH), version));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const { offset, message } = error;
    return refuse("malformed", path, offset, `a subtask snapshot in format ${version}`, message);
  }
}

function findDamage(
  bytes: Uint8Array,
  path: string,
  expected: Pick<SnapshotHandle, "length" | "checksum"> | undefined,
): Err<SnapshotFileError> | undefined {
  const { length } = bytes;
  if (expected !== undefined && length !== expected.length) {
    const at = Math.min(length, expected.length);
    return refuse("wrong-length", path, at, `${expected.length} bytes`, `${length} bytes`);
  }
  if (length < HEADER_LENGTH) {
    const wanted = `a header of ${HEADER_LENGTH} bytes`;
    return refuse("wrong-length", path, length, wanted, `${length} bytes`);
  }
  const magic = String.fromCharCode(...bytes.subarray(0, MAGIC.length));
  if (magic !== MAGIC) {
    return refuse("wrong-magic", path, 0, quoted(MAGIC), quoted(magic));
  }
  const header = new ByteReader(bytes, MAGIC.length);
  const version = header.u32();
  const bodyLength = header.u32();
  const bodyChecksum = header.u32();
  const headerChecksum = crc32(bytes, 0, HEADER_CHECKSUM_AT);
  const stored = header.u32();
  if (stored !== headerChecksum) {
    const wanted = `header checksum ${hex(stored)}`;
    return refuse("wrong-checksum", path, 0, wanted, hex(headerChecksum));
  }
  if (version < FORMAT_VERSION_MIN || version > FORMAT_VERSION) {
    const wanted = `format version ${FORMAT_VERSION_MIN} to ${FORMAT_VERSION}`;
    return refuse("wrong-version", path, MAGIC.length, wanted, `${version}`);
  }
  if (length !== HEADER_LENGTH + bodyLength) {
    const wanted = `${HEADER_LENGTH + bodyLength} bytes, as its header says`;
    return refuse("wrong-length", path, LENGTH_AT, wanted, `${length} bytes`);
  }
  const actual = crc32(bytes, HEADER_LENGTH);
  if (bodyChecksum !== actual) {
    const wanted = `body checksum ${hex(bodyChecksum)}`;
    return refuse("wrong-checksum", path, BODY_CHECKSUM_AT, wanted, hex(actual));
  }
  if (expected !== undefined && expected.checksum !== crc32(bytes)) {
    const wanted = `checksum ${hex(expected.checksum)}, as its checkpoint says`;
    return refuse("wrong-checksum", path, 0, wanted, hex(crc32(bytes)));
  }
  return undefined;
}

const ADVICE: Readonly<Record<SnapshotFileError["kind"], string>> = {
  "wrong-length": "the file was cut, or is another one: restore it from a replica or a backup",
  "wrong-magic": "the file is no snapshot: check the path in the checkpoint's metadata",
  "wrong-version": "run the version that wrote it, take a savepoint there, and start from that",
  "wrong-checksum":
    "the file has changed since it was written: restore a copy, or an older checkpoint",
  malformed: "the checksum fits, so it was written like this: run the version that wrote it",
};

function refuse(
  kind: SnapshotFileError["kind"],
  path: string,
  offset: number,
  expected: string,
  actual: string,
): Err<SnapshotFileError> {
  const message =
    `snapshot file "${path}", byte ${offset}: expected ${expected}, found ${actual}; ` +
    ADVICE[kind];
  return err({ kind, path, offset, expected, actual, message });
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, "0")}`;
const quoted = (text: string): string => JSON.stringify(text);

function writeOperator(operator: OperatorSnapshot, out: ByteWriter): void {
  out.string(operator.uid);
  writeGroups(operator.keyed, out);
  writeNative(operator, out);
  writeGroups(operator.timers, out);
  writeOperatorState(operator.operatorState, out);
}

function writeGroups(groups: readonly KeyGroupSnapshot[], out: ByteWriter): void {
  out.varint(groups.length);
  let previous = -1;
  for (const { keyGroup, bytes } of groups) {
    const after = previous;
    assert(keyGroup > after, () => `SF2 key group ${keyGroup} behind ${after} in a snapshot`);
    previous = keyGroup;
    out.varint(keyGroup);
    out.blob(bytes);
  }
}

function writeNative({ uid, keyed, native }: OperatorSnapshot, out: ByteWriter): void {
  out.u8(native === undefined ? 0 : 1);
  if (native === undefined) return;
  assert(keyed.length === 0, () => `SF4 keyed state of "${uid}" in two forms at once`);
  const { format, range, manifest, files } = native;
  out.string(format);
  out.varint(range.first);
  out.varint(range.last);
  out.blob(manifest);
  out.varint(files.length);
  for (const file of files) writeStoredFile(file, out);
}

function writeOperatorState(states: readonly OperatorStateSnapshot[], out: ByteWriter): void {
  out.varint(states.length);
  states.forEach(({ name, mode, elements }, i) => {
    const after = states[i - 1]?.name;
    if (after !== undefined) {
      assert(name > after, () => `SF2 operator state "${name}" behind "${after}" in a snapshot`);
    }
    out.string(name);
    out.u8(MODES.indexOf(mode));
    out.varint(elements.length);
    for (const element of elements) out.blob(element);
  });
}

function readBody(input: ByteReader, version: number): SubtaskSnapshot {
  const ended = input.u8();
  if (ended > 1) throw new DecodeError(`flag "ended" is ${ended}`, input.position - 1);
  const count = input.varint();
  const operators: OperatorSnapshot[] = [];
  for (let i = 0; i < count; i++) {
    const uid = asOperatorUid(input.string());
    const keyed = readGroups(input);
    const native = version < NATIVE_SINCE ? undefined : readNative(input);
    if (native !== undefined && keyed.length > 0) {
      throw new DecodeError(`keyed state of "${uid}" in two forms at once`, input.position);
    }
    const timers = readGroups(input);
    const operatorState = readOperatorState(input);
    operators.push({ uid, keyed, ...(native && { native }), timers, operatorState });
  }
  if (input.remaining > 0) {
    throw new DecodeError(`${input.remaining} bytes behind the last operator`, input.position);
  }
  return { ended: ended === 1, operators };
}

function readGroups(input: ByteReader): KeyGroupSnapshot[] {
  const count = input.varint();
  const groups: KeyGroupSnapshot[] = [];
  let previous = -1;
  for (let i = 0; i < count; i++) {
    const keyGroup = input.varint();
    if (keyGroup <= previous) {
      throw new DecodeError(`key group ${keyGroup} behind ${previous}`, input.position);
    }
    previous = keyGroup;
    groups.push({ keyGroup: asKeyGroup(keyGroup), bytes: input.blob().slice() });
  }
  return groups;
}

function readNative(input: ByteReader): NativeKeyedSnapshot | undefined {
  const flag = input.u8();
  if (flag > 1) throw new DecodeError(`flag of native state is ${flag}`, input.position - 1);
  if (flag === 0) return undefined;
  const format = input.string();
  const range = { first: input.varint(), last: input.varint() };
  if (range.first > range.last) {
    throw new DecodeError(`key groups ${range.first} to ${range.last}`, input.position);
  }
  const manifest = input.blob().slice();
  const files = Array.from({ length: countOf(input) }, () => readStoredFile(input));
  return { format, range, manifest, files };
}

/** Of things that take a byte each or more: what the file has no room for is not believed. */
function countOf(input: ByteReader): number {
  const count = input.varint();
  if (count <= input.remaining) return count;
  throw new DecodeError(`${count} things in ${input.remaining} bytes`, input.position);
}

function readOperatorState(input: ByteReader): OperatorStateSnapshot[] {
  const count = input.varint();
  const states: OperatorStateSnapshot[] = [];
  for (let i = 0; i < count; i++) {
    const name = input.string();
    const after = states.at(-1)?.name;
    if (after !== undefined && name <= after) {
      throw new DecodeError(`operator state "${name}" behind "${after}"`, input.position);
    }
    const mode = MODES[input.u8()];
    if (mode === undefined) {
      throw new DecodeError(`operator state "${name}" of no known mode`, input.position - 1);
    }
    const elements: Uint8Array[] = [];
    for (let left = input.varint(); left > 0; left--) elements.push(input.blob().slice());
    states.push({ name, mode, elements });
  }
  return states;
}
