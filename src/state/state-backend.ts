/**
 * The contract of a state backend: keyed state of one operator in one subtask, and its snapshots.
 *
 * A backend owns the key groups of its range and none outside it. The subtask sets the current key
 * before it touches a handle. A snapshot shows the state at the moment `snapshot` was called,
 * however much later it is written out and whatever happens to the live state meanwhile (C63).
 *
 * SB1  A snapshot is closed to later changes, in-place ones included.
 * SB2  Equal state gives equal bytes: entries in order of key group, then of the key's bytes.
 * SB3  Restored but unread state is part of the next snapshot (C51).
 * SB4  No entry lies outside the range, when written and when read back (C58).
 *
 * Its test suite: `state-backend.contract.ts`, which every backend runs.
 */
import type { KeyGroupRange, KeyGroupSnapshot, NativeKeyedSnapshot } from "./keyed-snapshot.ts";
import type { CheckpointId, KeyGroup } from "../core/ids.ts";
import type { Result } from "../core/result.ts";
import type { StoredFile } from "../core/stored-file.ts";
import type { BuggifyPoint } from "../host/buggify.ts";
import type { Disk } from "../host/disk.ts";
import type { TimerHandle } from "../host/host.ts";
import type { TypeSerializer } from "../types/type.ts";
import type { PlainTables } from "./declared-states.ts";
import type { StateStore } from "./state.ts";

export type KeyedBackendConfig<K> = Readonly<{
  keyType: TypeSerializer<K>;
  range: KeyGroupRange;
  maxParallelism: number;
  /** Processing time, for state that expires: wall-clock milliseconds. */
  nowMs: () => number;
  /** Where a backend keeps what is not in memory; one that keeps everything there needs none. */
  storage?: BackendStorage;
}>;

/** The outside of a backend: one operator's share of the disk, and of the store of checkpoints. */
export interface BackendStorage {
  readonly disk: Disk;
  /** Ends in "/". Below it are files of this operator, subtask and attempt, and nothing else. */
  readonly directory: string;
  /**
   * Stores a file that checkpoints may share, under a path that no other content ever has (C64). Tries
   * again what timed out, and answers once, later.
   *
   * @param name unique within this operator, subtask and attempt
   */
  upload(name: string, bytes: Uint8Array, done: (result: Result<StoredFile, string>) => void): void;
  /** The bytes of a stored file, verified. Tries again what timed out, and answers once, later. */
  download(file: StoredFile, done: (result: Result<Uint8Array, string>) => void): void;
  /** Runs `callback` in an event of its own, never after the subtask has let go. */
  setTimer(delayUs: number, callback: () => void): TimerHandle;
  cancelTimer(handle: TimerHandle): void;
  /** Asks the subtask to run: what its head waited for has come. */
  wakeUp(): void;
  /** As `Host.buggify`. */
  buggify(point: BuggifyPoint): boolean;
  /** The task cannot go on without what the outside refuses. */
  fail(why: string): void;
}

/** What a snapshot is taken for. */
export type SnapshotRequest = Readonly<{
  checkpointId: CheckpointId;
  /** In which form keyed state is wanted; a backend without one of its own gives the canonical one. */
  form: "native" | "canonical";
  /** Files stored for this checkpoint may be referred to again; 0: none may (C64). */
  base: CheckpointId;
}>;

/** A consistent view, taken at once and written out later. */
export interface PendingSnapshot {
  /**
   * Writes the view out, in order of key group, empty groups left out. Call once, or `discard`. Not where
   * there is `native`.
   */
  write(): readonly KeyGroupSnapshot[];
  /**
   * Calls back once what `write` has to read is at hand, or cannot be had; `write` comes after that. A
   * backend without it never has to wait.
   */
  prepare?(done: (result: Result<undefined, string>) => void): void;
  /** The view in the backend's own form, where it was asked for and there is one. */
  readonly native?: PendingNativeSnapshot;
  /** Frees what the view holds on to. After `write` it does nothing. */
  discard(): void;
}

/** A file of a snapshot: one to be stored under a shared path, or one that is there already. */
export type DraftFile = Readonly<
  { kind: "new"; name: string; bytes: Uint8Array } | { kind: "known"; file: StoredFile }
>;

export interface PendingNativeSnapshot {
  /**
   * Calls back once those uploads under way that it cannot do without have ended, well or not; `write`
   * comes after that. A backend without it never has to wait.
   */
  prepare?(done: (result: Result<undefined, string>) => void): void;
  /** Writes the view out. Call once, or `discard` the snapshot it belongs to. */
  write(): Readonly<Pick<NativeKeyedSnapshot, "format" | "range" | "manifest">> &
    Readonly<{ files: readonly DraftFile[] }>;
  /** All of them are stored: in the order of the draft, the known ones included. */
  stored(files: readonly StoredFile[]): void;
  /** Beside these: files that a later snapshot may refer to, though this one does not (C65). */
  alsoKept(): readonly StoredFile[];
}

export interface KeyedStateBackend<K> extends StateStore {
  /** The key that handles work on until the next call; `keyGroup` is that of the key. */
  setCurrentKey(key: K, keyGroup: KeyGroup): void;
  currentKey(): K;
  /** In the canonical form where nothing else is asked for. */
  snapshot(request?: SnapshotRequest): PendingSnapshot;
  /**
   * Takes in one key group of a snapshot; before the first record, once per group and handle.
   * @throws DecodeError when the bytes are no such snapshot
   * @throws StateIncompatibleError when a state was written with another type
   */
  restore(group: KeyGroupSnapshot): void;
  /**
   * Takes in a snapshot in a form that `readsFormats` names, as far as it falls into the range, and may
   * refer to its files when the request's base is `checkpointId`. Before the first record.
   */
  restoreNative?(snapshot: NativeKeyedSnapshot, checkpointId: CheckpointId): void;
  /**
   * Whether the state of a key can be had at once. False: it is being brought, and `wakeUp` follows. A
   * backend without it always can. Asked before `setCurrentKey`, for every record and timer.
   */
  ready?(key: K, keyGroup: KeyGroup): boolean;
  /** What folds and what expires is on top of these: for a backend that wraps this one. */
  readonly tables?: PlainTables;
  /** Lets go of files and timers. Not called when the process dies. */
  close?(): void;
}

/** Makes backends; a job names one (`env.setStateBackend(memoryBackend())`). */
export interface StateBackend {
  readonly name: string;
  /** Native formats that its backends can take in; none by default. */
  readonly readsFormats?: readonly string[];
  /** Its backends may answer `ready` with false. */
  readonly mayBeAway?: boolean;
  /** Its backends bring the files of a native snapshot themselves, when they need them. */
  readonly fetchesLater?: boolean;
  create<K>(config: KeyedBackendConfig<K>): KeyedStateBackend<K>;
}

export { StateIncompatibleError } from "../types/state-incompatible.ts";
