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
import type { KeyGroup } from "../core/ids.ts";
import type { TypeSerializer } from "../types/type.ts";
import type { StateStore } from "./state.ts";

/** Key groups `first` to `last`, both included. */
export type KeyGroupRange = Readonly<{ first: number; last: number }>;

export type KeyedBackendConfig<K> = Readonly<{
  keyType: TypeSerializer<K>;
  range: KeyGroupRange;
  maxParallelism: number;
  /** Processing time, for state that expires: wall-clock milliseconds. */
  nowMs: () => number;
}>;

/** The canonical bytes of one key group of one operator: every state, every entry, in order. */
export type KeyGroupSnapshot = Readonly<{ keyGroup: KeyGroup; bytes: Uint8Array }>;

/** A consistent view, taken at once and written out later. */
export interface PendingSnapshot {
  /** Writes the view out, in order of key group, empty groups left out. Call once, or `discard`. */
  write(): readonly KeyGroupSnapshot[];
  /** Frees what the view holds on to. After `write` it does nothing. */
  discard(): void;
}

export interface KeyedStateBackend<K> extends StateStore {
  /** The key that handles work on until the next call; `keyGroup` is that of the key. */
  setCurrentKey(key: K, keyGroup: KeyGroup): void;
  currentKey(): K;
  snapshot(): PendingSnapshot;
  /**
   * Takes in one key group of a snapshot; before the first record, once per group and handle.
   * @throws DecodeError when the bytes are no such snapshot
   * @throws StateIncompatibleError when a state was written with another type
   */
  restore(group: KeyGroupSnapshot): void;
}

/** Makes backends; a job names one (`env.setStateBackend(memoryBackend())`). */
export interface StateBackend {
  readonly name: string;
  create<K>(config: KeyedBackendConfig<K>): KeyedStateBackend<K>;
}

export { StateIncompatibleError } from "../types/state-incompatible.ts";
