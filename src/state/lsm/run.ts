/**
 * Runs as they are read: a file, which never changes, and a view of the part of it that counts.
 *
 * A rescaled subtask takes over whole files of its predecessors and may own but a part of each. The
 * bounds of a view hide the rest for good: they go into every snapshot, and a compaction writes only
 * what lies within (A19, C58).
 *
 * UR1  A file is deleted when nobody refers to it any more, and not before (C67).
 * UR2  No entry outside of the bounds of a view is ever seen through it.
 * UR3  Of a file whose bytes were at hand once, nothing else is ever read: neither what has rotted, nor
 *      another run that a disk has put in its place, whose own checksums are right.
 *
 * Source of UR3: Bairavasundaram et al. 2008: a checksum beside the data says nothing about whose it is.
 */
import { assert } from "../../core/assert.ts";
import { DecodeError } from "../../core/bytes.ts";
import { crc32 } from "../../core/checksum.ts";
import { compareBytes } from "../../core/ordered.ts";
import type { BlockCache, CachedBlock } from "./block-cache.ts";
import { mayHold } from "./bloom.ts";
import { isWithin, narrowed } from "./entry.ts";
import type { Cursor, Entry, KeyBounds } from "./entry.ts";
import { firstAtLeast } from "./memtable.ts";
import { upTo } from "./merge.ts";
import { blockChecksum, readBlock, readIndex } from "./run-format.ts";
import type { RunIndex } from "./run-format.ts";

/** Where the files of runs lie. */
export interface RunFiles {
  /** False: refused, as when the disk is full; whoever keeps the files has told why. */
  write(name: string, bytes: Uint8Array): boolean;
  /** A part of a file that is there. */
  read(name: string, start: number, end: number): Uint8Array;
  delete(name: string): void;
  /** What was read is not what was written: nobody can go on from there. */
  damaged?(why: string): void;
}

/** What a file has to be: the checksums of all of it, and of its blocks. */
type Print = Readonly<{ whole: number; blocks: readonly number[] }>;

/** A file of entries in order. */
export class RunFile {
  readonly name: string;
  readonly length: number;
  readonly #files: RunFiles;
  readonly #cache: BlockCache;
  readonly #blocks: (CachedBlock | undefined)[] = [];
  #index: RunIndex | undefined;
  /** Undefined: its bytes were never at hand. */
  #print: Print | undefined;
  #references = 0;

  constructor(name: string, length: number, files: RunFiles, cache: BlockCache) {
    this.name = name;
    this.length = length;
    this.#files = files;
    this.#cache = cache;
  }

  /**
   * Read at the first use, and kept.
   * @throws DecodeError when the file is no run, or a damaged one
   */
  get index(): RunIndex {
    return this.#index ?? this.load();
  }

  /** Reads the index now, so that it is known whether it can be read. */
  load(): RunIndex {
    return this.#verified(() => {
      this.#index = readIndex(this.name, this.length, (start, end) => this.#read(start, end));
      return this.#index;
    });
  }

  /** UR3: these are its bytes. @throws DecodeError when they are no run, or a damaged one */
  remember(bytes: Uint8Array): void {
    const index = readIndex(this.name, bytes.length, (start, end) => bytes.subarray(start, end));
    const blocks = index.offsets.slice(1).map((end) => blockChecksum(bytes, end));
    this.#index = index;
    this.#print = { whole: crc32(bytes), blocks };
  }

  /** All of it. @throws DecodeError when it is not what was written */
  whole(): Uint8Array {
    return this.#verified(() => {
      const bytes = this.#read(0, this.length);
      const isWhole = bytes.length === this.length;
      if (isWhole && (this.#print === undefined || crc32(bytes) === this.#print.whole))
        return bytes;
      throw new DecodeError(`run ${this.name} is not what was written`, 0);
    });
  }

  #read(start: number, end: number): Uint8Array {
    return this.#files.read(this.name, start, end);
  }

  /** Whoever keeps the files hears what user code could hide: it may catch what reading state throws. */
  #verified<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof DecodeError) this.#files.damaged?.(error.message);
      throw error;
    }
  }

  retain(): void {
    this.#references++;
  }

  release(): void {
    this.#references--;
    assert(this.#references >= 0, () => `UR1 run ${this.name} is let go once too often`);
    if (this.#references > 0) return;
    this.#cache.forget(this.#blocks);
    this.#files.delete(this.name);
  }

  /** The block that holds the key, if the file holds it; the first one for a key below all. */
  blockOf(key: Uint8Array): number {
    const { firstKeys } = this.index;
    let [low, high] = [0, firstKeys.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (compareBytes(firstKeys[middle]!, key) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Undefined behind the last one. */
  block(at: number): readonly Entry[] | undefined {
    const cached = this.#blocks[at];
    if (cached !== undefined) {
      cached.used = true;
      return cached.entries;
    }
    const { offsets } = this.index;
    const [start, end] = [offsets[at], offsets[at + 1]];
    if (start === undefined || end === undefined) return undefined;
    const known = this.#print?.blocks[at];
    const entries = this.#verified(() =>
      readBlock(this.name, start, this.#read(start, end), known),
    );
    const bytes = end - start;
    this.#cache.add({ entries, bytes, used: false, holder: this.#blocks, index: at });
    return entries;
  }
}

/** A view of a run: those of its entries that lie within bounds. */
export class Run {
  readonly file: RunFile;
  readonly bounds: KeyBounds;

  constructor(file: RunFile, bounds: KeyBounds) {
    this.file = file;
    this.bounds = bounds;
  }

  /** False: no key with this prefix is visible here. @param hash that of the prefix */
  mayHold(prefix: Uint8Array, hash: number): boolean {
    return isWithin(prefix, this.bounds) && mayHold(this.file.index.filter, hash);
  }

  get(key: Uint8Array): Entry | undefined {
    if (!isWithin(key, this.bounds)) return undefined;
    const entries = this.file.block(this.file.blockOf(key));
    const entry = entries?.[firstAtLeast(entries, key)];
    return entry !== undefined && compareBytes(entry.key, key) === 0 ? entry : undefined;
  }

  cursor(from?: Uint8Array): Cursor {
    const start = narrowed({ from, to: undefined }, this.bounds).from;
    const { file } = this;
    let block = start === undefined ? 0 : file.blockOf(start);
    let entries = file.block(block);
    let at = start === undefined || entries === undefined ? 0 : firstAtLeast(entries, start);
    const all: Cursor = {
      next() {
        while (entries !== undefined && at === entries.length) {
          entries = file.block(++block);
          at = 0;
        }
        return entries?.[at++];
      },
    };
    return upTo(all, this.bounds.to);
  }

  /** The lowest key that can be seen here. */
  get first(): Uint8Array {
    const { from } = this.bounds;
    const lowest = this.file.index.firstKeys[0]!;
    return from !== undefined && compareBytes(from, lowest) > 0 ? from : lowest;
  }

  /** Whether a key within both bounds, both included, can be seen here. */
  overlaps(first: Uint8Array, last: Uint8Array): boolean {
    const { from, to } = this.bounds;
    const { firstKeys, lastKey } = this.file.index;
    if (compareBytes(firstKeys[0]!, last) > 0 || compareBytes(lastKey, first) < 0) return false;
    if (from !== undefined && compareBytes(from, last) > 0) return false;
    return to === undefined || compareBytes(to, first) > 0;
  }

  /** The highest key of the file; what lies behind the bounds is not seen. */
  get last(): Uint8Array {
    return this.file.index.lastKey;
  }
}
