/**
 * Rows that a sink has serialized and the ledger has not confirmed: one piece of bytes, oldest first.
 *
 * A row costs no allocation of its own; a batch is one copy. Confirmed rows are dropped from the front,
 * and the bytes move down once they are more than half of the whole.
 */
import { assert } from "../core/assert.ts";
import { ByteWriter } from "../core/bytes.ts";
import type { RowBatch } from "../host/services.ts";
import type { TypeSerializer } from "../types/type.ts";

export class RowBuffer {
  readonly #bytes = new ByteWriter(1_024);
  #ends: number[] = [];
  /** Rows at the front that are confirmed, and where the first other one starts. */
  #dropped = 0;
  #start = 0;

  get length(): number {
    return this.#ends.length - this.#dropped;
  }

  /** Leaves no trace of a row that its type refuses. */
  append<T>(value: T, type: TypeSerializer<T>): void {
    const bytes = this.#bytes;
    const before = bytes.length;
    try {
      type.write(value, bytes);
    } catch (error) {
      bytes.length = before;
      throw error;
    }
    this.#ends.push(bytes.length);
  }

  /** Rows that are bytes already. */
  appendAll({ bytes, ends }: RowBatch): void {
    const base = this.#bytes.length;
    this.#bytes.raw(bytes);
    for (const end of ends) this.#ends.push(base + end);
  }

  /** Takes back the newest row. */
  dropLast(): void {
    assert(this.length > 0, () => "the newest row of an empty buffer");
    this.#ends.pop();
    this.#bytes.length = this.#ends.at(-1) ?? 0;
  }

  /** A copy of the oldest `count` rows. */
  first(count: number): RowBatch {
    return this.slice(0, count);
  }

  /** A copy of `count` rows from the `from`-th oldest on. */
  slice(from: number, count: number): RowBatch {
    assert(from + count <= this.length, () => `${count} rows of a buffer with ${this.length}`);
    const first = this.#dropped + from;
    const start = from === 0 ? this.#start : this.#ends[first - 1]!;
    const ends = this.#ends.slice(first, first + count);
    const bytes = this.#bytes.bytes.slice(start, ends.at(-1) ?? start);
    return { bytes, ends: ends.map((end) => end - start) };
  }

  drop(count: number): void {
    assert(count <= this.length, () => `${count} rows dropped of a buffer with ${this.length}`);
    if (count === 0) return;
    this.#dropped += count;
    this.#start = this.#ends[this.#dropped - 1]!;
    if (this.#start * 2 > this.#bytes.length) this.#compact();
  }

  clear(): void {
    this.drop(this.length);
  }

  #compact(): void {
    const start = this.#start;
    this.#bytes.bytes.copyWithin(0, start, this.#bytes.length);
    this.#bytes.length -= start;
    this.#ends = this.#ends.slice(this.#dropped).map((end) => end - start);
    this.#dropped = 0;
    this.#start = 0;
  }
}
