/**
 * ListState whose changes are logged: what is appended by itself, anything else as the whole list.
 *
 * Elements that can be changed in place, and that were appended since the last snapshot, are compared with
 * the log at the next one; once the list has been read, all of it is logged again there.
 */
import { ByteWriter } from "../../core/bytes.ts";
import type { KeyGroup } from "../../core/ids.ts";
import type { Column } from "../column.ts";
import type { StateHeader } from "../key-group-format.ts";
import type { ListState } from "../state.ts";
import type { Sweepable } from "../ttl/ttl-clock.ts";
import type { LoggedTable, LogScope } from "./log-scope.ts";
import { sameBytes, Touched } from "./touched.ts";

type PlainList<T> = ListState<T> & Sweepable;
/** The last `count` elements were logged as these bytes; or the whole list has to be logged. */
type Tail = { whole: boolean; count: number; readonly bytes: ByteWriter };

export class LoggedList<K, T> implements ListState<T>, Sweepable, LoggedTable {
  readonly #header: StateHeader;
  readonly #column: Column<T>;
  readonly #table: PlainList<T>;
  readonly #scope: LogScope<K>;
  readonly #touched: Touched<K, Tail>;
  readonly #elements = new ByteWriter(256);
  readonly #onDropped = (key: unknown, keyGroup: KeyGroup): void => {
    this.#touched.of(key as K, keyGroup).whole = true;
  };

  constructor(header: StateHeader, column: Column<T>, table: PlainList<T>, scope: LogScope<K>) {
    this.#header = header;
    this.#column = column;
    this.#table = table;
    this.#scope = scope;
    this.#touched = new Touched(scope, () => ({ whole: false, count: 0, bytes: new ByteWriter() }));
  }

  get(): readonly T[] {
    const elements = this.#table.get();
    if (elements.length > 0 && this.#watched) this.#touched.current().whole = true;
    return elements;
  }

  add(value: T): void {
    this.#table.add(value);
    if (this.#scope.log !== undefined) this.#logAppend([value]);
  }

  addAll(values: readonly T[]): void {
    this.#table.addAll(values);
    if (this.#scope.log !== undefined && values.length > 0) this.#logAppend(values);
  }

  update(values: readonly T[]): void {
    this.#table.update(values);
    if (this.#scope.log === undefined) return;
    if (values.length === 0) {
      this.#logDelete();
      return;
    }
    this.#write(values);
    this.#logPut(values.length);
    this.#touched.drop();
    if (this.#watched) this.#logged(values.length);
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
    this.#touched.forEach((tail) => {
      const elements = this.#table.get();
      if (elements.length === 0) {
        this.#scope.logDelete(this.#header);
      } else if (tail.whole || !this.#isLogged(tail, elements)) {
        this.#write(elements);
        this.#logPut(elements.length);
      }
    });
    this.forget();
  }

  distrust(): void {
    for (const tail of this.#touched.all()) tail.whole = true;
  }

  forget(): void {
    this.#touched.clear();
  }

  get #watched(): boolean {
    return !this.#column.type.immutable && this.#scope.log !== undefined;
  }

  #write(values: readonly T[], from = 0): void {
    this.#elements.reset();
    for (let i = from; i < values.length; i++) this.#column.type.write(values[i]!, this.#elements);
  }

  /** Count and elements. */
  #payload(count: number): void {
    const { payload } = this.#scope;
    payload.reset();
    payload.varint(count);
    payload.raw(this.#elements.bytes, 0, this.#elements.length);
  }

  #logAppend(values: readonly T[]): void {
    this.#write(values);
    this.#payload(values.length);
    this.#scope.logAppend(this.#header);
    if (this.#watched) this.#logged(values.length);
  }

  #logPut(count: number): void {
    this.#payload(count);
    this.#scope.logPut(this.#header);
  }

  #logDelete(): void {
    this.#scope.logDelete(this.#header);
    this.#touched.drop();
  }

  /** The log has `count` more elements: those that were written last. */
  #logged(count: number): void {
    const tail = this.#touched.current();
    if (tail.whole) return;
    tail.count += count;
    tail.bytes.raw(this.#elements.bytes, 0, this.#elements.length);
  }

  #isLogged({ count, bytes }: Tail, elements: readonly T[]): boolean {
    if (count > elements.length) return false;
    this.#write(elements, elements.length - count);
    return sameBytes(bytes, this.#elements);
  }
}
