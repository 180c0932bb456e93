/**
 * From what a function declares to the handle it works with, on top of a backend's plain tables.
 *
 *   reducing, aggregating --fold--> value --\
 *   value, list, map      ------------------+--with a ttl: timed--> plain table
 *
 * A backend has three kinds of tables to offer; what folds and what expires is the same for all of
 * them, and is here. A state may be declared at any time, and more than once: handles are cheap, and
 * all of one name work on one table.
 *
 * DS1  One name is one state: another kind, type or ttl under it is refused.
 *
 * Not here: which table a header belongs to, and what was restored for it (each backend).
 */
import type { StateHeader, StateKind } from "./key-group-format.ts";
import { headerText, sameType } from "./key-group-format.ts";
import { plainColumn } from "./column.ts";
import type { Column } from "./column.ts";
import { aggregating, foldOf, reducing } from "./folding-states.ts";
import type { Fold } from "./folding-states.ts";
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
} from "./state.ts";
import { StateIncompatibleError } from "../types/state-incompatible.ts";
import type { TypeSerializer } from "../types/type.ts";
import { timedColumn } from "./ttl/timed.ts";
import { TtlClock } from "./ttl/ttl-clock.ts";
import type { Sweepable } from "./ttl/ttl-clock.ts";
import { TtlListState } from "./ttl/ttl-list.ts";
import { TtlMapState } from "./ttl/ttl-map.ts";
import { TtlValueState } from "./ttl/ttl-value.ts";
import { resolveTtl, sameTtl, ttlText } from "./ttl/ttl.ts";
import type { Ttl } from "./ttl/ttl.ts";

/** The tables of a backend, by header: the one there is, or a new one with what was restored. */
export interface PlainTables {
  value<T>(header: StateHeader, column: Column<T>): ValueState<T> & Sweepable;
  list<T>(header: StateHeader, column: Column<T>): ListState<T> & Sweepable;
  map<K, V>(
    header: StateHeader,
    key: TypeSerializer<K>,
    column: Column<V>,
  ): MapState<K, V> & Sweepable;
}

type Declared = Readonly<{ header: StateHeader; ttl: Ttl | undefined }>;
type Named = Readonly<{ name: string; kind: StateKind; ttl?: StateTtl }>;

export class DeclaredStates implements StateStore {
  readonly #tables: PlainTables;
  readonly #nowMs: () => number;
  readonly #declared = new Map<string, Declared>();

  constructor(tables: PlainTables, nowMs: () => number) {
    this.#tables = tables;
    this.#nowMs = nowMs;
  }

  getState<T>(descriptor: ValueStateDescriptor<T>): ValueState<T> {
    const { type } = descriptor;
    const ttl = ttlOf(descriptor);
    if (ttl !== undefined) return this.#timedValue(descriptor, type, ttl);
    const column = plainColumn(type);
    return this.#declare(descriptor, [type.id], ttl, (header) =>
      this.#tables.value(header, column),
    );
  }

  getListState<T>(descriptor: ListStateDescriptor<T>): ListState<T> {
    const { element } = descriptor;
    const ttl = ttlOf(descriptor);
    if (ttl === undefined) {
      const column = plainColumn(element);
      return this.#declare(descriptor, [element.id], ttl, (header) =>
        this.#tables.list(header, column),
      );
    }
    const column = timedColumn(element, ttl);
    const plain = this.#declare(descriptor, [column.type.id], ttl, (header) =>
      this.#tables.list(header, column),
    );
    return new TtlListState(plain, new TtlClock(ttl, this.#nowMs, plain));
  }

  getMapState<K, V>(descriptor: MapStateDescriptor<K, V>): MapState<K, V> {
    const { key, value } = descriptor;
    const ttl = ttlOf(descriptor);
    if (ttl === undefined) {
      const column = plainColumn(value);
      return this.#declare(descriptor, [key.id, value.id], ttl, (header) =>
        this.#tables.map(header, key, column),
      );
    }
    const column = timedColumn(value, ttl);
    const plain = this.#declare(descriptor, [key.id, column.type.id], ttl, (header) =>
      this.#tables.map(header, key, column),
    );
    return new TtlMapState(plain, new TtlClock(ttl, this.#nowMs, plain));
  }

  getReducingState<T>(descriptor: ReducingStateDescriptor<T>): ReducingState<T> {
    return reducing(this.#fold(descriptor, descriptor.type), descriptor);
  }

  getAggregatingState<I, A, O>(
    descriptor: AggregatingStateDescriptor<I, A, O>,
  ): AggregatingState<I, O> {
    return aggregating(this.#fold(descriptor, descriptor.type), descriptor);
  }

  #fold<A>(named: Named, type: TypeSerializer<A>): Fold<A> {
    const ttl = ttlOf(named);
    if (ttl !== undefined) return this.#timedValue(named, type, ttl);
    const column = plainColumn(type);
    return foldOf(
      this.#declare(named, [type.id], ttl, (header) => this.#tables.value(header, column)),
    );
  }

  #timedValue<T>(named: Named, type: TypeSerializer<T>, ttl: Ttl): TtlValueState<T> {
    const column = timedColumn(type, ttl);
    const plain = this.#declare(named, [column.type.id], ttl, (header) =>
      this.#tables.value(header, column),
    );
    return new TtlValueState(plain, new TtlClock(ttl, this.#nowMs, plain));
  }

  /** DS1: checked before the backend is asked, and noted only once it has agreed. */
  #declare<S>(
    { name, kind }: Named,
    types: readonly string[],
    ttl: Ttl | undefined,
    table: (header: StateHeader) => S,
  ): S {
    const before = this.#declared.get(name);
    if (before === undefined) {
      const header = { name, kind, types };
      const made = table(header);
      this.#declared.set(name, { header, ttl });
      return made;
    }
    const again = { header: { name, kind, types }, ttl };
    if (!sameType(before.header, again.header) || !sameTtl(before.ttl, ttl)) {
      throw declaredTwice(before, again);
    }
    return table(before.header);
  }
}

const ttlOf = ({ name, ttl }: Named): Ttl | undefined =>
  ttl === undefined ? undefined : resolveTtl(name, ttl);

function declaredTwice(before: Declared, again: Declared): StateIncompatibleError {
  const sameTypes = sameType(before.header, again.header);
  const text = ({ header, ttl }: Declared): string =>
    sameTypes ? `${headerText(header)} with ${ttlText(ttl)}` : headerText(header);
  return new StateIncompatibleError(
    `state "${again.header.name}" is declared twice in one operator: as ${text(before)} and as ` +
      `${text(again)}; give one of them another name, or declare both alike`,
  );
}
