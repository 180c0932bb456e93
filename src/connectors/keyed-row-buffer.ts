/** Rows for a table that the outside has not confirmed, oldest first, each with the bytes of its key. */
import type { KeyedRows } from "../host/tables.ts";
import type { TypeSerializer } from "../types/type.ts";
import { RowBuffer } from "./row-buffer.ts";

/** How records become rows of a table. */
export type TableRows<T, K> = Readonly<{
  table: string;
  key: (value: T) => K;
  keyType: TypeSerializer<K>;
  rowType: TypeSerializer<T>;
}>;

export class KeyedRowBuffer {
  readonly #keys = new RowBuffer();
  readonly #rows = new RowBuffer();

  get length(): number {
    return this.#rows.length;
  }

  /** Leaves no trace of a row whose type, or whose key's, refuses it. */
  append<T, K>(value: T, { key, keyType, rowType }: TableRows<T, K>): void {
    const keyOf = key(value);
    this.#rows.append(value, rowType);
    try {
      this.#keys.append(keyOf, keyType);
    } catch (error) {
      this.#rows.dropLast();
      throw error;
    }
  }

  appendAll({ keys, rows }: KeyedRows): void {
    this.#keys.appendAll(keys);
    this.#rows.appendAll(rows);
  }

  /** A copy of `count` rows from the `from`-th oldest on. */
  slice(from: number, count: number): KeyedRows {
    return { keys: this.#keys.slice(from, count), rows: this.#rows.slice(from, count) };
  }

  drop(count: number): void {
    this.#keys.drop(count);
    this.#rows.drop(count);
  }

  clear(): void {
    this.#keys.clear();
    this.#rows.clear();
  }
}
