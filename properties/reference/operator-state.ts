/**
 * Operator state of the reference: there is one subtask and no restore, so a union list is a list, and
 * broadcast state a map in order of its keys' bytes.
 */
import type {
  BroadcastState,
  MapStateDescriptor,
  OperatorListState,
  OperatorRuntimeContext,
} from "../../src/index.ts";
import { keyText } from "./key-text.ts";

/** What a function without keys is opened with: it is told that it is alone. */
export function createOperatorRuntime(): OperatorRuntimeContext {
  const states = new Map<string, unknown>();
  const stateOf = <S>(name: string, create: () => S): S => {
    if (!states.has(name)) states.set(name, create());
    return states.get(name) as S;
  };
  return {
    subtask: 0 as OperatorRuntimeContext["subtask"],
    parallelism: 1,
    restored: false,
    getListState: <T>({ name }: { name: string }) => stateOf(name, plainList<T>),
    getUnionListState: <T>({ name }: { name: string }) => stateOf(name, plainList<T>),
    getBroadcastState: (descriptor) => stateOf(descriptor.name, () => plainMap(descriptor)),
  };
}

function plainList<T>(): OperatorListState<T> {
  let values: readonly T[] = [];
  return {
    get: () => values,
    add(value) {
      values = [...values, value];
    },
    addAll(more) {
      values = [...values, ...more];
    },
    update(others) {
      values = [...others];
    },
    clear() {
      values = [];
    },
  };
}

function plainMap<K, V>({ key: keyType }: MapStateDescriptor<K, V>): BroadcastState<K, V> {
  const pairs = new Map<string, readonly [K, V]>();
  const text = (key: K): string => keyText(keyType, key);
  return {
    get: (key) => pairs.get(text(key))?.[1],
    has: (key) => pairs.has(text(key)),
    entries: () => [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pair]) => pair),
    put: (key, value) => void pairs.set(text(key), [key, value]),
    remove: (key) => void pairs.delete(text(key)),
    clear: () => pairs.clear(),
  };
}
