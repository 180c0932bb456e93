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

/** Phantom parameters carry the types to `getState`; a descriptor is plain data. */
export type ValueStateDescriptor<T> = Readonly<{
  kind: "value";
  name: string;
  type: TypeSerializer<T>;
}>;
export type ListStateDescriptor<T> = Readonly<{
  kind: "list";
  name: string;
  element: TypeSerializer<T>;
}>;
export type MapStateDescriptor<K, V> = Readonly<{
  kind: "map";
  name: string;
  key: TypeSerializer<K>;
  value: TypeSerializer<V>;
}>;

export const valueState = <T>(name: string, type: TypeSerializer<T>): ValueStateDescriptor<T> => ({
  kind: "value",
  name,
  type,
});
export const listState = <T>(name: string, element: TypeSerializer<T>): ListStateDescriptor<T> => ({
  kind: "list",
  name,
  element,
});
export const mapState = <K, V>(
  name: string,
  key: TypeSerializer<K>,
  value: TypeSerializer<V>,
): MapStateDescriptor<K, V> => ({ kind: "map", name, key, value });

/** Where state handles come from; names are unique within one operator. */
export interface StateStore {
  getState<T>(descriptor: ValueStateDescriptor<T>): ValueState<T>;
  getListState<T>(descriptor: ListStateDescriptor<T>): ListState<T>;
  getMapState<K, V>(descriptor: MapStateDescriptor<K, V>): MapState<K, V>;
}
