/** The tables of a logged backend: those of the inner one, each behind what logs its changes. */
import type { Column } from "../column.ts";
import type { PlainTables } from "../declared-states.ts";
import type { StateHeader } from "../key-group-format.ts";
import type { ListState, MapState, ValueState } from "../state.ts";
import type { Sweepable } from "../ttl/ttl-clock.ts";
import type { TypeSerializer } from "../../types/type.ts";
import type { LoggedTable, LogScope } from "./log-scope.ts";
import { LoggedList } from "./logged-list.ts";
import { LoggedMap } from "./logged-map.ts";
import { LoggedValue } from "./logged-value.ts";

export class LoggedTables<K> implements PlainTables, LoggedTable {
  readonly #inner: PlainTables;
  readonly #scope: LogScope<K>;
  readonly #onDeclared: (header: StateHeader) => void;
  /** In order of their first use. */
  readonly #tables = new Map<string, LoggedTable>();

  constructor(inner: PlainTables, scope: LogScope<K>, onDeclared: (header: StateHeader) => void) {
    this.#inner = inner;
    this.#scope = scope;
    this.#onDeclared = onDeclared;
  }

  value<T>(header: StateHeader, column: Column<T>): ValueState<T> & Sweepable {
    return this.#table(
      header,
      () => new LoggedValue(header, column, this.#inner.value(header, column), this.#scope),
    );
  }

  list<T>(header: StateHeader, column: Column<T>): ListState<T> & Sweepable {
    return this.#table(
      header,
      () => new LoggedList(header, column, this.#inner.list(header, column), this.#scope),
    );
  }

  map<MK, MV>(
    header: StateHeader,
    key: TypeSerializer<MK>,
    column: Column<MV>,
  ): MapState<MK, MV> & Sweepable {
    return this.#table(
      header,
      () =>
        new LoggedMap(header, { key, column }, this.#inner.map(header, key, column), this.#scope),
    );
  }

  flush(): void {
    for (const table of this.#tables.values()) table.flush();
  }

  distrust(): void {
    for (const table of this.#tables.values()) table.distrust();
  }

  forget(): void {
    for (const table of this.#tables.values()) table.forget();
  }

  #table<S extends LoggedTable>(header: StateHeader, make: () => S): S {
    const existing = this.#tables.get(header.name);
    // DS1: kind and type ids agree, and they decide the class of the table and its type parameters.
    if (existing !== undefined) return existing as S;
    const table = make();
    this.#tables.set(header.name, table);
    this.#onDeclared(header);
    return table;
  }
}
