/** ValueState whose changes are logged: each new value as a whole. */
import type { KeyGroup } from "../../core/ids.ts";
import type { Column } from "../column.ts";
import type { StateHeader } from "../key-group-format.ts";
import type { ValueState } from "../state.ts";
import type { Sweepable } from "../ttl/ttl-clock.ts";
import type { LoggedTable, LogScope } from "./log-scope.ts";
import { isLogged, Touched, type Logged } from "./touched.ts";

type PlainValue<T> = ValueState<T> & Sweepable;

export class LoggedValue<K, T> implements ValueState<T>, Sweepable, LoggedTable {
  readonly #header: StateHeader;
  readonly #column: Column<T>;
  readonly #table: PlainValue<T>;
  readonly #scope: LogScope<K>;
  readonly #touched: Touched<K, Logged>;
  readonly #onDropped = (key: unknown, keyGroup: KeyGroup): void => {
    this.#touched.of(key as K, keyGroup).bytes = undefined;
  };

  constructor(header: StateHeader, column: Column<T>, table: PlainValue<T>, scope: LogScope<K>) {
    this.#header = header;
    this.#column = column;
    this.#table = table;
    this.#scope = scope;
    this.#touched = new Touched(scope, () => ({ bytes: undefined }));
  }

  value(): T | undefined {
    const value = this.#table.value();
    if (value !== undefined && this.#watched) this.#touched.current();
    return value;
  }

  update(value: T): void {
    this.#table.update(value);
    if (this.#scope.log === undefined) return;
    if (value === undefined) {
      this.#logDelete();
      return;
    }
    this.#write(value);
    this.#scope.logPut(this.#header);
    if (this.#watched) this.#touched.current().bytes = this.#scope.payload.toBytes();
  }

  clear(): void {
    this.#table.clear();
    if (this.#scope.log !== undefined) this.#logDelete();
  }

  sweep(entriesMax: number, nowMs: number): void {
    const { log } = this.#scope;
    this.#table.sweep(entriesMax, nowMs, log === undefined ? undefined : this.#onDropped);
  }

  flush(): void {
    this.#touched.forEach((logged) => {
      const value = this.#table.value();
      if (value === undefined) {
        this.#scope.logDelete(this.#header);
        return;
      }
      this.#write(value);
      if (!isLogged(logged, this.#scope.payload)) this.#scope.logPut(this.#header);
    });
    this.forget();
  }

  distrust(): void {
    for (const logged of this.#touched.all()) logged.bytes = undefined;
  }

  forget(): void {
    this.#touched.clear();
  }

  /** Whether what is handed out may be changed in place, to the knowledge of nobody. */
  get #watched(): boolean {
    return !this.#column.type.immutable && this.#scope.log !== undefined;
  }

  #write(value: T): void {
    const { payload } = this.#scope;
    payload.reset();
    this.#column.type.write(value, payload);
  }

  #logDelete(): void {
    this.#scope.logDelete(this.#header);
    this.#touched.drop();
  }
}
