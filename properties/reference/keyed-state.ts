/**
 * Keyed state of the reference: maps of plain values, nothing copied, nothing serialized.
 *
 * One table per state name, one entry per key. There is one thread and no failure, so nothing here
 * has to be saved or moved: this is what state means, and every backend has to look like it.
 *
 * Everything stored is in a cell that knows when it was last touched. A cell has run out when it was
 * not touched for the time to live (C93); it is removed by the first read that meets it, and that one
 * alone may still show it, if the state says so (C94). Nothing else removes it here, so what a job
 * sees of expired state is determined only where expired state is never shown.
 */
import type {
  AggregatingState,
  AggregatingStateDescriptor,
  ListState,
  ListStateDescriptor,
  MapState,
  MapStateDescriptor,
  ReducingState,
  ReducingStateDescriptor,
  StateStore,
  StateTtl,
  ValueState,
  ValueStateDescriptor,
} from "../../src/index.ts";
import { keyText } from "./key-text.ts";

type Cell<T> = { readonly value: T; touchedMs: number };

/** The rules of one state: what is fresh, what has run out, what a read leaves behind. */
type Lifetime = Readonly<{
  cell<T>(value: T): Cell<T>;
  hasRunOut(cell: Cell<unknown>): boolean;
  /** Read by the user: touched, if reading counts. */
  read(cell: Cell<unknown>): void;
  showsExpired: boolean;
}>;

/**
 * @param currentKey answers for the record or timer in hand
 * @param nowMs      processing time; only jobs whose state expires need it
 */
export function createKeyedState(currentKey: () => string, nowMs?: () => number): StateStore {
  const tables = new Map<string, Map<string, unknown>>();
  const tableOf = <V>(kind: string, name: string): Map<string, V> => {
    const id = `${kind} ${name}`;
    const table = tables.get(id) ?? new Map<string, unknown>();
    tables.set(id, table);
    return table as Map<string, V>;
  };
  const cellOf = <T>(descriptor: Declared): KeyedCell<T> =>
    keyedCell(
      tableOf<Cell<T>>(descriptor.kind, descriptor.name),
      currentKey,
      lifetimeOf(descriptor, nowMs),
    );
  return {
    getState: <T>(descriptor: ValueStateDescriptor<T>) => valueState(cellOf<T>(descriptor)),
    getListState: <T>(descriptor: ListStateDescriptor<T>) =>
      listState(
        tableOf<Cell<T>[]>("list", descriptor.name),
        currentKey,
        lifetimeOf(descriptor, nowMs),
      ),
    getMapState: <K, V>(descriptor: MapStateDescriptor<K, V>) =>
      mapState(
        descriptor,
        tableOf<Map<string, [K, Cell<V>]>>("map", descriptor.name),
        currentKey,
        lifetimeOf(descriptor, nowMs),
      ),
    getReducingState: <T>(descriptor: ReducingStateDescriptor<T>) =>
      reducingState(cellOf<T>(descriptor), descriptor.reduce),
    getAggregatingState: <I, A, O>(descriptor: AggregatingStateDescriptor<I, A, O>) =>
      aggregatingState(cellOf<A>(descriptor), descriptor.aggregate),
  };
}

type Declared = Readonly<{ kind: string; name: string; ttl?: StateTtl }>;

function lifetimeOf({ name, ttl }: Declared, nowMs: (() => number) | undefined): Lifetime {
  if (ttl === undefined) {
    return {
      cell: (value) => ({ value, touchedMs: 0 }),
      hasRunOut: () => false,
      read: () => undefined,
      showsExpired: false,
    };
  }
  if (nowMs === undefined)
    throw new Error(`state "${name}" expires, and nobody has a clock for it`);
  return {
    cell: (value) => ({ value, touchedMs: nowMs() }),
    hasRunOut: ({ touchedMs }) => touchedMs <= nowMs() - ttl.ttlMs,
    read(cell) {
      if (ttl.update === "on-read-and-write") cell.touchedMs = nowMs();
    },
    showsExpired: ttl.visibility === "return-expired-if-not-cleaned-up",
  };
}

/** One value of the current key. */
type KeyedCell<T> = Readonly<{
  read(): T | undefined;
  /** For a fold: nothing that has run out, and no touch. */
  peek(): T | undefined;
  write(value: T): void;
  clear(): void;
}>;

function keyedCell<T>(
  table: Map<string, Cell<T>>,
  currentKey: () => string,
  life: Lifetime,
): KeyedCell<T> {
  return {
    read() {
      const cell = table.get(currentKey());
      if (cell === undefined) return undefined;
      if (!life.hasRunOut(cell)) {
        life.read(cell);
        return cell.value;
      }
      table.delete(currentKey());
      return life.showsExpired ? cell.value : undefined;
    },
    peek() {
      const cell = table.get(currentKey());
      return cell === undefined || life.hasRunOut(cell) ? undefined : cell.value;
    },
    write: (value) => void table.set(currentKey(), life.cell(value)),
    clear: () => void table.delete(currentKey()),
  };
}

const valueState = <T>(cell: KeyedCell<T>): ValueState<T> => ({
  value: cell.read,
  update: cell.write,
  clear: cell.clear,
});

const reducingState = <T>(
  cell: KeyedCell<T>,
  reduce: (left: T, right: T) => T,
): ReducingState<T> => ({
  get: cell.read,
  add(value) {
    const before = cell.peek();
    cell.write(before === undefined ? value : reduce(before, value));
  },
  clear: cell.clear,
});

const aggregatingState = <I, A, O>(
  cell: KeyedCell<A>,
  { createAccumulator, add, result }: AggregatingStateDescriptor<I, A, O>["aggregate"],
): AggregatingState<I, O> => ({
  get() {
    const accumulator = cell.read();
    return accumulator === undefined ? undefined : result(accumulator);
  },
  add: (value) => cell.write(add(value, cell.peek() ?? createAccumulator())),
  clear: cell.clear,
});

function listState<T>(
  table: Map<string, Cell<T>[]>,
  currentKey: () => string,
  life: Lifetime,
): ListState<T> {
  const append = (values: readonly T[]): void => {
    const list = table.get(currentKey());
    if (list === undefined) table.set(currentKey(), values.map(life.cell));
    else for (const value of values) list.push(life.cell(value));
  };
  return {
    get() {
      const list = table.get(currentKey()) ?? [];
      const live = list.filter((cell) => !life.hasRunOut(cell));
      live.forEach(life.read);
      table.set(currentKey(), live);
      return (life.showsExpired ? list : live).map(({ value }) => value);
    },
    add: (value) => append([value]),
    addAll: append,
    update: (values) => void table.set(currentKey(), values.map(life.cell)),
    clear: () => void table.delete(currentKey()),
  };
}

function mapState<K, V>(
  descriptor: MapStateDescriptor<K, V>,
  table: Map<string, Map<string, [K, Cell<V>]>>,
  currentKey: () => string,
  life: Lifetime,
): MapState<K, V> {
  const text = (key: K): string => keyText(descriptor.key, key);
  const current = (): Map<string, [K, Cell<V>]> => table.get(currentKey()) ?? new Map();
  /** What a read of the entry shows, and what it leaves behind. */
  const read = (id: string): Cell<V> | undefined => {
    const cell = current().get(id)?.[1];
    if (cell === undefined) return undefined;
    if (!life.hasRunOut(cell)) {
      life.read(cell);
      return cell;
    }
    current().delete(id);
    return life.showsExpired ? cell : undefined;
  };
  const shows = (cell: Cell<V>): boolean => life.showsExpired || !life.hasRunOut(cell);
  return {
    get: (key) => read(text(key))?.value,
    put(key, value) {
      table.set(currentKey(), current().set(text(key), [key, life.cell(value)]));
    },
    remove: (key) => void current().delete(text(key)),
    has(key) {
      const cell = current().get(text(key))?.[1];
      if (cell === undefined || !shows(cell)) return false;
      if (!life.hasRunOut(cell)) life.read(cell);
      return true;
    },
    entries() {
      const inOrder = [...current()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      return inOrder.flatMap(([id, [key]]): [K, V][] => {
        const cell = read(id);
        return cell === undefined ? [] : [[key, cell.value]];
      });
    },
    isEmpty: () => ![...current().values()].some(([, cell]) => shows(cell)),
    clear: () => void table.delete(currentKey()),
  };
}
