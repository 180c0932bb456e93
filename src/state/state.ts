/**
 * Keyed state as a user function sees it: handles bound to the current key, and what declares them.
 */
import type { TypeSerializer } from "../types/type.ts";

export interface ValueState<T> {
  /** `undefined` when nothing is stored. A value changed in place counts as stored. */
  value(): T | undefined;
  update(value: T): void;
  clear(): void;
}

export interface ListState<T> {
  get(): readonly T[];
  add(value: T): void;
  addAll(values: readonly T[]): void;
  /** Replaces the whole list; an empty one clears it. */
  update(values: readonly T[]): void;
  clear(): void;
}

export interface MapState<K, V> {
  get(key: K): V | undefined;
  put(key: K, value: V): void;
  remove(key: K): void;
  has(key: K): boolean;
  /** In order of the keys' bytes: a restored map iterates like one that never failed. */
  entries(): readonly (readonly [K, V])[];
  isEmpty(): boolean;
  clear(): void;
}

/** A value that `add` folds into with the descriptor's function. */
export interface ReducingState<T> {
  get(): T | undefined;
  add(value: T): void;
  clear(): void;
}

/** An accumulator that `add` folds into; `get` is what comes of it. */
export interface AggregatingState<I, O> {
  get(): O | undefined;
  add(value: I): void;
  clear(): void;
}

/**
 * How long an entry lives without being touched: per value, per list element, per map entry. In
 * processing time, which goes on while the job is down (C93).
 *
 * A change in place is no touch. The times may be changed from run to run; whether there is a ttl at all
 * may not.
 */
export type StateTtl = Readonly<{
  /** 1 or more; expired means last touch + ttlMs <= now. */
  ttlMs: number;
  /** What counts as a touch (C94); "on-create-and-write" by default. */
  update?: "on-create-and-write" | "on-read-and-write";
  /**
   * Whether an expired value that is still stored may be seen; "never-return-expired" by default.
   * The read that finds it removes it, so it is seen once; nothing is ever folded into it.
   */
  visibility?: "never-return-expired" | "return-expired-if-not-cleaned-up";
  /** Besides the removal of what is found expired on access. */
  cleanup?: Readonly<{
    /** Leaves expired entries out of snapshots; true by default. */
    fullSnapshot?: boolean;
    /** Entries looked at on every access, in turn; 0 (never) by default. */
    incrementalEntries?: number;
  }>;
}>;

/** Phantom parameters carry the types to `getState`; a descriptor is plain data. */
export type ValueStateDescriptor<T> = Readonly<{
  kind: "value";
  name: string;
  type: TypeSerializer<T>;
  ttl?: StateTtl;
}>;
export type ListStateDescriptor<T> = Readonly<{
  kind: "list";
  name: string;
  element: TypeSerializer<T>;
  ttl?: StateTtl;
}>;
export type MapStateDescriptor<K, V> = Readonly<{
  kind: "map";
  name: string;
  key: TypeSerializer<K>;
  value: TypeSerializer<V>;
  ttl?: StateTtl;
}>;
export type ReducingStateDescriptor<T> = Readonly<{
  kind: "reducing";
  name: string;
  type: TypeSerializer<T>;
  reduce: (left: T, right: T) => T;
  ttl?: StateTtl;
}>;
export type AggregatingStateDescriptor<I, A, O> = Readonly<{
  kind: "aggregating";
  name: string;
  /** Of the accumulator. */
  type: TypeSerializer<A>;
  aggregate: Readonly<{
    createAccumulator(): A;
    add(value: I, accumulator: A): A;
    result(accumulator: A): O;
  }>;
  ttl?: StateTtl;
}>;

export const valueState = <T>(
  name: string,
  type: TypeSerializer<T>,
  ttl?: StateTtl,
): ValueStateDescriptor<T> => ({ kind: "value", name, type, ...(ttl && { ttl }) });
export const listState = <T>(
  name: string,
  element: TypeSerializer<T>,
  ttl?: StateTtl,
): ListStateDescriptor<T> => ({ kind: "list", name, element, ...(ttl && { ttl }) });
export const mapState = <K, V>(
  name: string,
  key: TypeSerializer<K>,
  value: TypeSerializer<V>,
  ttl?: StateTtl,
): MapStateDescriptor<K, V> => ({ kind: "map", name, key, value, ...(ttl && { ttl }) });
export const reducingState = <T>(
  name: string,
  type: TypeSerializer<T>,
  reduce: (left: T, right: T) => T,
  ttl?: StateTtl,
): ReducingStateDescriptor<T> => ({ kind: "reducing", name, type, reduce, ...(ttl && { ttl }) });
export const aggregatingState = <I, A, O>(
  name: string,
  type: TypeSerializer<A>,
  aggregate: AggregatingStateDescriptor<I, A, O>["aggregate"],
  ttl?: StateTtl,
): AggregatingStateDescriptor<I, A, O> => ({
  kind: "aggregating",
  name,
  type,
  aggregate,
  ...(ttl && { ttl }),
});

/**
 * Where state handles come from; names are unique within one operator. A state may be asked for at any
 * time: what a checkpoint holds of it waits until then (C51).
 */
export interface StateStore {
  getState<T>(descriptor: ValueStateDescriptor<T>): ValueState<T>;
  getListState<T>(descriptor: ListStateDescriptor<T>): ListState<T>;
  getMapState<K, V>(descriptor: MapStateDescriptor<K, V>): MapState<K, V>;
  getReducingState<T>(descriptor: ReducingStateDescriptor<T>): ReducingState<T>;
  getAggregatingState<I, A, O>(
    descriptor: AggregatingStateDescriptor<I, A, O>,
  ): AggregatingState<I, O>;
}
