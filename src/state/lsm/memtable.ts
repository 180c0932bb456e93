/**
 * The newest entries, in memory and in order: where every change goes first.
 *
 * Entries lie in chunks of bounded length, so that putting one in moves few others, and a walk in order
 * needs no sorting. A frozen memtable never changes again; what reads it may take its time.
 *
 * MT1  Keys rise from entry to entry, within a chunk and from chunk to chunk.
 */
import { assert } from "../../core/assert.ts";
import { compareBytes } from "../../core/ordered.ts";
import { entryBytes } from "./entry.ts";
import type { Cursor, Entry } from "./entry.ts";

const CHUNK_ENTRIES_MAX = 64;

export class Memtable {
  readonly #chunks: Entry[][] = [];
  #bytes = 0;
  #size = 0;
  #frozen = false;

  get bytes(): number {
    return this.#bytes;
  }

  /** Entries, tombstones included. */
  get size(): number {
    return this.#size;
  }

  freeze(): void {
    this.#frozen = true;
  }

  /** The entry takes the place of an older one of its key. */
  put(entry: Entry): void {
    assert(!this.#frozen, () => `a frozen memtable of ${this.#size} entries is written to`);
    this.#bytes += entryBytes(entry);
    const chunk = this.#chunks[this.#chunkOf(entry.key)];
    if (chunk === undefined) {
      this.#chunks.push([entry]);
      this.#size = 1;
      return;
    }
    const at = firstAtLeast(chunk, entry.key);
    const there = chunk[at];
    if (there !== undefined && compareBytes(there.key, entry.key) === 0) {
      this.#bytes -= entryBytes(there);
      chunk[at] = entry;
      return;
    }
    chunk.splice(at, 0, entry);
    this.#size++;
    if (chunk.length > CHUNK_ENTRIES_MAX) this.#split(this.#chunkOf(entry.key));
  }

  get(key: Uint8Array): Entry | undefined {
    const chunk = this.#chunks[this.#chunkOf(key)];
    if (chunk === undefined) return undefined;
    const entry = chunk[firstAtLeast(chunk, key)];
    return entry !== undefined && compareBytes(entry.key, key) === 0 ? entry : undefined;
  }

  /** From the first key that is not below `from`. Valid while nothing is put in. */
  cursor(from?: Uint8Array): Cursor {
    let chunk = from === undefined ? 0 : this.#chunkOf(from);
    const first = this.#chunks[chunk];
    let at = from === undefined || first === undefined ? 0 : firstAtLeast(first, from);
    return {
      next: () => {
        let entries = this.#chunks[chunk];
        if (entries !== undefined && at === entries.length) {
          entries = this.#chunks[++chunk];
          at = 0;
        }
        return entries?.[at++];
      },
    };
  }

  /** The last chunk that begins at or below the key, or the first of all. */
  #chunkOf(key: Uint8Array): number {
    let [low, high] = [0, this.#chunks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (compareBytes(this.#chunks[middle]![0]!.key, key) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #split(index: number): void {
    const chunk = this.#chunks[index]!;
    this.#chunks.splice(index + 1, 0, chunk.splice(chunk.length >>> 1));
  }
}

/** The index of the first entry whose key is not below; the length where all are. */
export function firstAtLeast(entries: readonly Entry[], key: Uint8Array): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes(entries[middle]!.key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
