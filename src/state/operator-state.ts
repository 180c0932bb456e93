/**
 * State of a subtask rather than of a key: lists that are dealt out anew after a rescaling, lists that
 * everyone gets whole, and maps of which every subtask keeps the same copy.
 *
 * Not here: which elements go to whom after a restore (`redistribution.ts`).
 */
import type { ListStateDescriptor, MapStateDescriptor } from "./state.ts";

/** A list of this subtask's own; the whole of it is in every snapshot. */
export interface OperatorListState<T> {
  get(): readonly T[];
  add(value: T): void;
  addAll(values: readonly T[]): void;
  /** Replaces the whole list. */
  update(values: readonly T[]): void;
  clear(): void;
}

export interface ReadonlyBroadcastState<K, V> {
  get(key: K): V | undefined;
  has(key: K): boolean;
  /** In order of the keys' bytes. */
  entries(): readonly (readonly [K, V])[];
}

export interface BroadcastState<K, V> extends ReadonlyBroadcastState<K, V> {
  put(key: K, value: V): void;
  remove(key: K): void;
  clear(): void;
}

/** Where operator state comes from; names are unique within one operator. */
export interface OperatorStateStore {
  /** After a restore each element is at exactly one subtask, evenly dealt out (C59). */
  getListState<T>(descriptor: ListStateDescriptor<T>): OperatorListState<T>;
  /** After a restore every subtask gets the elements of all (C60); write back only your own (C62). */
  getUnionListState<T>(descriptor: ListStateDescriptor<T>): OperatorListState<T>;
  /** Every subtask keeps the same copy (C61). */
  getBroadcastState<K, V>(descriptor: MapStateDescriptor<K, V>): BroadcastState<K, V>;
}
