/**
 * The file that makes a checkpoint complete: which subtask's state lies where, and what its bytes
 * are.
 *
 * A checkpoint exists exactly if this file does. It is written in one atomic put, and read back
 * with suspicion: whatever is not what was written is an error that names the place, never "no
 * state" (C52).
 *
 *   magic u32 | version u32 | length of the whole file u32 | body | CRC-32 of all before it, u32
 *
 * MD1  Equal checkpoints have equal bytes, and decoding gives back what was encoded.
 * MD2  Every flipped bit and every truncation is refused.
 * MD3  What earlier versions wrote is still read: before version 3 there were only aligned
 *      checkpoints, whose subtasks stored one file each.
 *
 * Not here: where files lie (checkpoint-paths.ts), the snapshots themselves
 * (state/operator-snapshot.ts), what becomes of a decoded checkpoint (restorer.ts).
 */
import { assert } from "../core/assert.ts";
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";
import { crc32 } from "../core/checksum.ts";
import type { BarrierMode, BarrierOptions } from "../core/element.ts";
import type {
  AttemptId,
  CheckpointId,
  OperatorUid,
  SubtaskIndex,
  VertexIndex,
} from "../core/ids.ts";
import {
  asAttemptId,
  asCheckpointId,
  asOperatorUid,
  asSubtaskIndex,
  asVertexIndex,
} from "../core/ids.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { StoredFile } from "../core/stored-file.ts";
import type { StoredSnapshot } from "../state/operator-snapshot.ts";

export { checkpointPrefix, metadataPath, snapshotPath } from "./checkpoint-paths.ts";

export type CheckpointSubtask = Readonly<{
  subtask: SubtaskIndex;
  stored: StoredSnapshot;
  /** Its input had ended before the snapshot: restored, it runs no user code (C116). */
  ended: boolean;
}>;
export type CheckpointVertex = Readonly<{
  index: VertexIndex;
  /** The chain's operators, head first. */
  operators: readonly OperatorUid[];
  parallelism: number;
  maxParallelism: number;
  /** One for each, in order. */
  subtasks: readonly CheckpointSubtask[];
}>;
/** What the enumerator of a source had found and not given away, in its own format (C104). */
export type SourceSnapshot = Readonly<{ uid: OperatorUid; state: Uint8Array }>;
export type CompletedCheckpoint = Readonly<{
  id: CheckpointId;
  /** A savepoint owns all of its files, and belongs to whoever asked for it (C41). */
  kind: "checkpoint" | "savepoint";
  /** Of a savepoint: the name of the request for it; empty otherwise. */
  name: string;
  /** Of a savepoint: whether the job ended behind it (C43, C44). */
  stop: BarrierOptions["stop"];
  /** How its barriers began; what is in flight stands with the subtasks. */
  mode: BarrierMode;
  /** The newest attempt of any part of the job that took part. */
  attempt: AttemptId;
  jobName: string;
  vertices: readonly CheckpointVertex[];
  /** One for each source, in the order of the plan. */
  sources: readonly SourceSnapshot[];
}>;

export type MetadataError = Readonly<{
  kind: "metadata-corrupt";
  path: string;
  offset: number;
  expected: string;
  actual: string;
}>;

/** "MRCK", read as little-endian. */
const MAGIC = 0x4b43_524d;
const VERSION = 3;
const OLDEST_VERSION = 2;
const LENGTH_AT = 8;
const HEADER_LENGTH = 12;
const CHECKSUM_LENGTH = 4;
const COUNT_MAX = 32_768;
const FILES_MAX = 16_777_216;
const KINDS: readonly CompletedCheckpoint["kind"][] = ["checkpoint", "savepoint"];
const MODES: readonly BarrierMode[] = ["aligned", "unaligned", "at-least-once", "uncoordinated"];
const STOPS: readonly BarrierOptions["stop"][] = ["none", "suspend", "drain"];

/**
 * @throws InvariantError when a subtask is missing or out of order: no such checkpoint is complete
 */
export function encodeCheckpoint(checkpoint: CompletedCheckpoint): Uint8Array {
  const body = new ByteWriter(1_024);
  writeBody(body, checkpoint);
  const length = HEADER_LENGTH + body.length + CHECKSUM_LENGTH;
  const writer = new ByteWriter(length);
  writer.u32(MAGIC);
  writer.u32(VERSION);
  writer.u32(length);
  writer.raw(body.bytes, 0, body.length);
  writer.u32(crc32(writer.bytes, 0, writer.length));
  return writer.toBytes();
}

/** @param path names the file in an error; nothing is read from it */
export function decodeCheckpoint(
  path: string,
  bytes: Uint8Array,
): Result<CompletedCheckpoint, MetadataError> {
  const refuse = (offset: number, expected: string, actual: string) =>
    err<MetadataError>({ kind: "metadata-corrupt", path, offset, expected, actual });

  const lengthMin = HEADER_LENGTH + CHECKSUM_LENGTH;
  if (bytes.length < lengthMin) {
    return refuse(bytes.length, `at least ${lengthMin} bytes`, `${bytes.length} bytes`);
  }
  const header = new ByteReader(bytes, 0, HEADER_LENGTH);
  const magic = header.u32();
  if (magic !== MAGIC) return refuse(0, `magic ${hex(MAGIC)}`, hex(magic));
  const version = header.u32();
  if (version < OLDEST_VERSION || version > VERSION) {
    return refuse(4, `version ${OLDEST_VERSION} to ${VERSION}`, `version ${version}`);
  }
  const length = header.u32();
  if (length !== bytes.length) {
    return refuse(LENGTH_AT, `a file of ${length} bytes`, `${bytes.length} bytes`);
  }
  const end = bytes.length - CHECKSUM_LENGTH;
  const stored = new ByteReader(bytes, end).u32();
  const computed = crc32(bytes, 0, end);
  if (stored !== computed) return refuse(end, `checksum ${hex(stored)}`, hex(computed));

  const body = new ByteReader(bytes, HEADER_LENGTH, end);
  try {
    const checkpoint = readBody(body, version);
    if (body.remaining === 0) return ok(checkpoint);
    return refuse(body.position, "the checksum", `${body.remaining} more bytes`);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return refuse(error.offset, "a checkpoint body", error.message);
  }
}

/** One line for people: what, where, what was expected, what to do. */
export const metadataErrorText = (error: MetadataError): string =>
  `checkpoint metadata ${error.path} is corrupt at byte ${error.offset}: ` +
  `expected ${error.expected}, found ${error.actual}; ` +
  `restore the file from a copy, or start the job from an older checkpoint by name`;

function writeBody(writer: ByteWriter, checkpoint: CompletedCheckpoint): void {
  writer.varint(checkpoint.id);
  writer.u8(KINDS.indexOf(checkpoint.kind));
  writer.string(checkpoint.name);
  writer.u8(STOPS.indexOf(checkpoint.stop));
  writer.u8(MODES.indexOf(checkpoint.mode));
  writer.varint(checkpoint.attempt);
  writer.string(checkpoint.jobName);
  writer.varint(checkpoint.vertices.length);
  checkpoint.vertices.forEach((vertex, position) => {
    const { index, operators, parallelism, maxParallelism, subtasks } = vertex;
    const what = (): string => `checkpoint ${checkpoint.id}, vertex ${index}`;
    assert(index === position, () => `${what()}: at position ${position}`);
    assert(subtasks.length === parallelism, () => `${what()}: ${subtasks.length} subtasks`);
    writer.varint(operators.length);
    for (const uid of operators) writer.string(uid);
    writer.varint(parallelism);
    writer.varint(maxParallelism);
    subtasks.forEach(({ subtask, stored, ended }, i) => {
      assert(subtask === i, () => `${what()}: subtask ${subtask} at position ${i}`);
      writeStored(writer, stored);
      writer.u8(ended ? 1 : 0);
    });
  });
  writer.varint(checkpoint.sources.length);
  for (const { uid, state } of checkpoint.sources) {
    writer.string(uid);
    writer.blob(state);
  }
}

function writeStored(writer: ByteWriter, { handle, inFlight, files }: StoredSnapshot): void {
  writeFile(writer, handle);
  writer.u8(handle.shared ? 1 : 0);
  writer.u8(inFlight === undefined ? 0 : 1);
  if (inFlight !== undefined) writeFile(writer, inFlight);
  writer.varint(files.length);
  for (const file of files) writeFile(writer, file);
}

function writeFile(writer: ByteWriter, { path, length, checksum }: StoredFile): void {
  writer.string(path);
  writer.varint(length);
  writer.u32(checksum);
}

function readBody(reader: ByteReader, version: number): CompletedCheckpoint {
  const id = asCheckpointId(readWithin(reader, "checkpoint id", 1, Number.MAX_SAFE_INTEGER));
  const purpose = version === 2 ? ALIGNED_CHECKPOINT : readPurpose(reader);
  const attempt = asAttemptId(readWithin(reader, "attempt", 1, Number.MAX_SAFE_INTEGER));
  const jobName = reader.string();
  const vertexCount = readWithin(reader, "vertex count", 0, COUNT_MAX);
  const vertices: CheckpointVertex[] = [];
  for (let i = 0; i < vertexCount; i++) vertices.push(readVertex(reader, i, version));
  const sourceCount = readWithin(reader, "source count", 0, COUNT_MAX);
  const sources: SourceSnapshot[] = [];
  for (let i = 0; i < sourceCount; i++) {
    sources.push({ uid: asOperatorUid(reader.string()), state: reader.blob().slice() });
  }
  return { id, ...purpose, attempt, jobName, vertices, sources };
}

type Purpose = Pick<CompletedCheckpoint, "kind" | "name" | "stop" | "mode">;
const ALIGNED_CHECKPOINT: Purpose = {
  kind: "checkpoint",
  name: "",
  stop: "none",
  mode: "aligned",
};

function readPurpose(reader: ByteReader): Purpose {
  const kind = KINDS[readWithin(reader, "kind", 0, KINDS.length - 1)]!;
  const name = reader.string();
  const stop = STOPS[readWithin(reader, "stop", 0, STOPS.length - 1)]!;
  const mode = MODES[readWithin(reader, "mode", 0, MODES.length - 1)]!;
  return { kind, name, stop, mode };
}

function readVertex(reader: ByteReader, index: number, version: number): CheckpointVertex {
  const operators: OperatorUid[] = [];
  const operatorCount = readWithin(reader, "operator count", 1, COUNT_MAX);
  for (let i = 0; i < operatorCount; i++) operators.push(asOperatorUid(reader.string()));
  const parallelism = readWithin(reader, "parallelism", 1, COUNT_MAX);
  const maxParallelism = readWithin(reader, "max parallelism", parallelism, COUNT_MAX);
  const subtasks: CheckpointSubtask[] = [];
  for (let i = 0; i < parallelism; i++) {
    const stored = version === 2 ? readHandleAlone(reader) : readStored(reader);
    const ended = readWithin(reader, "ended", 0, 1) === 1;
    subtasks.push({ subtask: asSubtaskIndex(i), stored, ended });
  }
  return { index: asVertexIndex(index), operators, parallelism, maxParallelism, subtasks };
}

function readHandleAlone(reader: ByteReader): StoredSnapshot {
  const file = readFile(reader);
  const shared = readWithin(reader, "shared", 0, 1) === 1;
  return { handle: { ...file, shared }, inFlight: undefined, files: [] };
}

function readStored(reader: ByteReader): StoredSnapshot {
  const { handle } = readHandleAlone(reader);
  const inFlight = readWithin(reader, "in flight", 0, 1) === 1 ? readFile(reader) : undefined;
  const fileCount = readWithin(reader, "file count", 0, FILES_MAX);
  const files: StoredFile[] = [];
  for (let i = 0; i < fileCount; i++) files.push(readFile(reader));
  return { handle, inFlight, files };
}

function readFile(reader: ByteReader): StoredFile {
  const path = reader.string();
  const length = readWithin(reader, "length", 0, Number.MAX_SAFE_INTEGER);
  const checksum = reader.u32();
  return { path, length, checksum };
}

function readWithin(reader: ByteReader, what: string, min: number, max: number): number {
  const at = reader.position;
  const value = reader.varint();
  if (value >= min && value <= max) return value;
  throw new DecodeError(`${what} ${value} is not from ${min} to ${max}`, at);
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, "0")}`;
