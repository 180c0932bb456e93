/**
 * Keyed state of the reference: maps of plain values, nothing copied, nothing serialized.
 *
 * One table per state name, one entry per key. There is one thread and no failure, so nothing here
 * has to be saved or moved: this is what state means, and every backend has to look like it.
 */
import type {
  ListState,
  ListStateDescriptor,
  MapState,
  MapStateDescriptor,
  StateStore,
  ValueState,
  ValueStateDescriptor,
} from "../../src/index.ts";
import { keyText } from "./key-text.ts";

/** `currentKey` answers for the record or timer in hand. */
export function createKeyedState(currentKey: () => string): StateStore {
  const tables = new Map<string, Map<string, unknown>>();
  const tableOf = <V>(kind: string, name: string): Map<string, V> => {
    const id = `${kind} ${name}`;
    const table = tables.get(id) ?? new Map<string, unknown>();
    tables.set(id, table);
    return table as Map<string, V>;
  };
  return {
    getState: <T>({ name }: ValueStateDescriptor<T>) =>
      valueState(tableOf<T>("value", name), currentKey),
    getListState: <T>({ name }: ListStateDescriptor<T>) =>
      listState(tableOf<T[]>("list", name), currentKey),
    getMapState: <K, V>(descriptor: MapStateDescriptor<K, V>) =>
      mapState(descriptor, tableOf<Map<string, [K, V]>>("map", descriptor.name), currentKey),
  };
}

function valueState<T>(table: Map<string, T>, currentKey: () => string): ValueState<T> {
  return {
    value: () => table.get(currentKey()),
    update: (value) => void table.set(currentKey(), value),
    clear: () => void table.delete(currentKey()),
  };
}

function listState<T>(table: Map<string, T[]>, currentKey: () => string): ListState<T> {
  const append = (values: readonly T[]): void => {
    const list = table.get(currentKey());
    if (list === undefined) table.set(currentKey(), [...values]);
    else list.push(...values);
  };
  return {
    get: () => [...(table.get(currentKey()) ?? [])],
    add: (value) => append([value]),
    addAll: append,
    update: (values) => void table.set(currentKey(), [...values]),
    clear: () => void table.delete(currentKey()),
  };
}

function mapState<K, V>(
  descriptor: MapStateDescriptor<K, V>,
  table: Map<string, Map<string, [K, V]>>,
  currentKey: () => string,
): MapState<K, V> {
  const text = (key: K): string => keyText(descriptor.key, key);
  const current = (): Map<string, [K, V]> => table.get(currentKey()) ?? new Map<string, [K, V]>();
  return {
    get: (key) => current().get(text(key))?.[1],
    put(key, value) {
      table.set(currentKey(), current().set(text(key), [key, value]));
    },
    remove: (key) => void current().delete(text(key)),
    has: (key) => current().has(text(key)),
    entries: () =>
      [...current()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, entry]) => entry),
    isEmpty: () => current().size === 0,
    clear: () => void table.delete(currentKey()),
  };
}
