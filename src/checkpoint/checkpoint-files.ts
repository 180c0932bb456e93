/**
 * A complete checkpoint as a set of files, without a job: all of it read and verified, described, or written
 * anew in the canonical form that every backend reads.
 *
 *   metadata --> snapshot files --> native files --> key groups
 *           \--> records that were under way
 *
 * CF1  What is read is complete: each file that the checkpoint names is there, and is itself, and can be
 *      decoded to its last byte (C52).
 * CF2  What is written anew is a complete checkpoint with the same state, and needs no file of the old one.
 *
 * Not here: restoring it (restorer.ts), the bytes of native formats (state/state-manager.ts).
 */
import { DecodeError } from "../core/bytes.ts";
import { err, ok, type Result } from "../core/result.ts";
import { damageOf, type StoredFile } from "../core/stored-file.ts";
import type { OperatorSnapshot, SubtaskSnapshot } from "../state/operator-snapshot.ts";
import {
  decodeSubtaskSnapshot,
  encodeSubtaskSnapshot,
  isShared,
  snapshotHandle,
} from "../state/snapshot-file.ts";
import { canonicalGroups } from "../state/state-manager.ts";
import { listStates, type StoredState } from "../state/state-reader.ts";
import { StateIncompatibleError } from "../types/state-incompatible.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
  metadataErrorText,
  type CheckpointVertex,
  type CompletedCheckpoint,
} from "./checkpoint-metadata.ts";
import { decodeInFlightFile } from "./in-flight-file.ts";

/** The bytes at a path, or undefined for none. */
export type ReadFile = (path: string) => Uint8Array | undefined;

/** One subtask's state, in the canonical form whatever form it was stored in. */
export type LoadedSubtask = Readonly<{
  snapshot: SubtaskSnapshot;
  /** Formats of what was stored natively, each once. */
  formats: readonly string[];
  /** Channels with records that were under way. */
  channels: number;
}>;

export type LoadedCheckpoint = Readonly<{
  metadataPath: string;
  checkpoint: CompletedCheckpoint;
  /** By vertex, then by subtask. */
  vertices: readonly (readonly LoadedSubtask[])[];
  /** All that it consists of, each path once, in order of first mention. */
  files: readonly StoredFile[];
}>;

/** @returns an error that names the file, the offset, what was expected, what was found, what to do */
export function loadCheckpoint(
  metadataPath: string,
  read: ReadFile,
): Result<LoadedCheckpoint, string> {
  const bytes = read(metadataPath);
  if (bytes === undefined) return err(missing(metadataPath, "the metadata of a checkpoint"));
  const decoded = decodeCheckpoint(metadataPath, bytes);
  if (!decoded.ok) return err(metadataErrorText(decoded.error));
  const checkpoint = decoded.value;
  const files = new Map<string, StoredFile>();
  const vertices: (readonly LoadedSubtask[])[] = [];
  for (const vertex of checkpoint.vertices) {
    const loaded: LoadedSubtask[] = [];
    for (const { stored } of vertex.subtasks) {
      const named = [stored.handle, ...stored.files];
      if (stored.inFlight !== undefined) named.push(stored.inFlight);
      for (const file of named) {
        const damage = damageAt(file, read);
        if (damage !== undefined) return err(damage);
        files.set(file.path, file);
      }
      const subtask = loadSubtask(stored.handle, stored.inFlight, read);
      if (!subtask.ok) return subtask;
      loaded.push(subtask.value);
    }
    vertices.push(loaded);
  }
  return ok({ metadataPath, checkpoint, vertices, files: [...files.values()] });
}

function damageAt(file: StoredFile, read: ReadFile): string | undefined {
  const bytes = read(file.path);
  return bytes === undefined
    ? missing(file.path, `${file.length} bytes that the checkpoint refers to`)
    : damageOf(file, bytes);
}

const missing = (path: string, expected: string): string =>
  `file "${path}", byte 0: expected ${expected}, found no such file; ` +
  "restore the file from a replica or a backup, or start from another checkpoint";

function loadSubtask(
  handle: Parameters<typeof decodeSubtaskSnapshot>[2] & StoredFile,
  inFlight: StoredFile | undefined,
  read: ReadFile,
): Result<LoadedSubtask, string> {
  const decoded = decodeSubtaskSnapshot(read(handle.path)!, handle.path, handle);
  if (!decoded.ok) return err(decoded.error.message);
  const formats = new Set<string>();
  const operators: OperatorSnapshot[] = [];
  for (const operator of decoded.value.operators) {
    const canonical = canonicalOperator(operator, handle.path, read);
    if (!canonical.ok) return canonical;
    if (operator.native !== undefined) formats.add(operator.native.format);
    operators.push(canonical.value);
  }
  const snapshot = { ended: decoded.value.ended, operators };
  const channels = inFlight === undefined ? ok(0) : channelsIn(inFlight.path, read);
  return channels.ok ? ok({ snapshot, formats: [...formats], channels: channels.value }) : channels;
}

function channelsIn(path: string, read: ReadFile): Result<number, string> {
  const decoded = decodeInFlightFile(read(path)!, path);
  return decoded.ok ? ok(decoded.value.channels.length) : decoded;
}

/** SM1, and every key group decoded to its last byte. */
function canonicalOperator(
  operator: OperatorSnapshot,
  path: string,
  read: ReadFile,
): Result<OperatorSnapshot, string> {
  const { uid, timers, operatorState, native } = operator;
  try {
    let { keyed } = operator;
    if (native !== undefined) {
      const contents = new Map<string, Uint8Array>();
      for (const file of native.files) {
        const damage = damageAt(file, read);
        if (damage !== undefined) return err(damage);
        contents.set(file.path, read(file.path)!);
      }
      keyed = canonicalGroups({ ...native, contents });
    }
    listStates(keyed);
    return ok({ uid, keyed, timers, operatorState });
  } catch (error) {
    if (!(error instanceof DecodeError || error instanceof StateIncompatibleError)) throw error;
    const at = error instanceof DecodeError ? `, byte ${error.offset}` : "";
    return err(
      `snapshot file "${path}", keyed state of operator "${uid}"${at}: ${error.message}; ` +
        "read it with the version that wrote it",
    );
  }
}

/** What one operator has stored, over all of its subtasks. */
export type OperatorContent = Readonly<{
  uid: string;
  subtasks: number;
  formats: readonly string[];
  keyed: readonly StoredState[];
  timers: Readonly<{ keyGroups: number; bytes: number }>;
  lists: readonly Readonly<{ name: string; mode: string; elements: number; bytes: number }>[];
}>;

/** In the order of the metadata. */
export function describeCheckpoint(loaded: LoadedCheckpoint): readonly OperatorContent[] {
  return loaded.checkpoint.vertices.flatMap((vertex, v) =>
    vertex.operators.map((uid) => describeOperator(uid, vertex, loaded.vertices[v] ?? [])),
  );
}

function describeOperator(
  uid: string,
  { parallelism }: CheckpointVertex,
  subtasks: readonly LoadedSubtask[],
): OperatorContent {
  const parts = subtasks.flatMap(({ snapshot }) => snapshot.operators.filter((o) => o.uid === uid));
  const timers = parts.flatMap((part) => part.timers);
  const lists = new Map<string, OperatorContent["lists"][number]>();
  for (const { name, mode, elements } of parts.flatMap((part) => part.operatorState)) {
    const sum = lists.get(name) ?? { name, mode, elements: 0, bytes: 0 };
    const bytes = sizeOf(elements);
    lists.set(name, {
      ...sum,
      ...{ elements: sum.elements + elements.length, bytes: sum.bytes + bytes },
    });
  }
  const stateful = parts.some(({ keyed }) => keyed.length > 0);
  return {
    uid,
    subtasks: parallelism,
    formats: stateful ? [...new Set(subtasks.flatMap(({ formats }) => formats))] : [],
    keyed: listStates(parts.flatMap(({ keyed }) => keyed)),
    timers: { keyGroups: timers.length, bytes: sizeOf(timers.map(({ bytes }) => bytes)) },
    lists: [...lists.values()],
  };
}

const sizeOf = (all: readonly Uint8Array[]): number =>
  all.reduce((sum, { length }) => sum + length, 0);

/**
 * The same checkpoint with all keyed state in the canonical form: what is to stand at which path. Nothing
 * else belongs to it (CF2).
 */
export function canonicalCheckpoint(
  { metadataPath, checkpoint, vertices }: LoadedCheckpoint,
  read: ReadFile,
): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const written = checkpoint.vertices.map((vertex, v) => ({
    ...vertex,
    subtasks: vertex.subtasks.map((subtask, i) => {
      const { handle, inFlight } = subtask.stored;
      const { snapshot } = vertices[v]![i]!;
      const bytes = encodeSubtaskSnapshot(snapshot);
      files.set(handle.path, bytes);
      if (inFlight !== undefined) files.set(inFlight.path, read(inFlight.path)!);
      const own = snapshotHandle(handle.path, bytes, isShared(snapshot));
      return { ...subtask, stored: { handle: own, inFlight, files: [] } };
    }),
  }));
  files.set(metadataPath, encodeCheckpoint({ ...checkpoint, vertices: written }));
  return files;
}
