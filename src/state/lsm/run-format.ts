/**
 * The bytes of one run: sorted entries in blocks, and what it takes to find a block.
 *
 *   blocks   entries (shared with the key before, rest of key, prefix, value), then CRC-32
 *   filter   Bloom filter over the prefixes
 *   index    per block its length and its first key; then the last key of all
 *   footer   where filter and index begin, count of entries, CRC-32 of filter, index and this, magic
 *
 * FR1  Keys rise within a run, and a run holds at least one.
 * FR2  Every byte is under a checksum: a damaged run is refused by file and offset (C52).
 */
import { assert } from "../../core/assert.ts";
import { ByteReader, ByteWriter, DecodeError } from "../../core/bytes.ts";
import { trailingChecksum } from "../../core/checksum.ts";
import { compareBytes } from "../../core/ordered.ts";
import { buildFilter, prefixHash } from "./bloom.ts";
import { startsWith } from "./entry.ts";
import type { Entry } from "./entry.ts";

const MAGIC = 0x314d534c;
const CHECKSUM_BYTES = 4;
const FOOTER_BYTES = 5 * 4;

/** What must be known of a run to look for a key in it. */
export type RunIndex = Readonly<{
  /** Entries, tombstones included. */
  count: number;
  filter: Uint8Array;
  /** Where each block begins, and where the last one ends. */
  offsets: readonly number[];
  firstKeys: readonly Uint8Array[];
  lastKey: Uint8Array;
}>;

/** Writes entries, which come in order, until `finish`. */
export class RunWriter {
  readonly #blockBytes: number;
  readonly #out = new ByteWriter(4_096);
  readonly #offsets: number[] = [];
  readonly #firstKeys: Uint8Array[] = [];
  readonly #hashes: number[] = [];
  #last: Entry | undefined;
  #count = 0;

  /** @param blockBytes a block ends with the first entry that makes it as long as this */
  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
  }

  get bytes(): number {
    return this.#out.length;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  add(entry: Entry): void {
    const { key, prefix, value } = entry;
    const last = this.#last;
    assert(last === undefined || compareBytes(last.key, key) < 0, () => `FR1 a key out of order`);
    assert(prefix <= key.length, () => `a prefix of ${prefix} in a key of ${key.length} bytes`);
    const out = this.#out;
    const blockStart = this.#offsets.at(-1) ?? 0;
    const isFull = out.length - blockStart >= this.#blockBytes;
    if (isFull) this.#endBlock(blockStart);
    const starts = last === undefined || isFull;
    if (starts) {
      this.#offsets.push(out.length);
      this.#firstKeys.push(key);
    }
    const shared = starts ? 0 : sharedLength(last.key, key);
    out.varint(shared);
    out.varint(key.length - shared);
    out.raw(key, shared, key.length);
    out.varint(prefix);
    out.varint(value === undefined ? 0 : value.length + 1);
    if (value !== undefined) out.raw(value);
    const samePrefix = last?.prefix === prefix && startsWith(key, last.key, prefix);
    if (!samePrefix) this.#hashes.push(prefixHash(key, prefix));
    this.#last = entry;
    this.#count++;
  }

  /** The whole file. */
  finish(): Uint8Array {
    const last = this.#last;
    assert(last !== undefined, () => `FR1 a run without an entry`);
    const out = this.#out;
    this.#endBlock(this.#offsets.at(-1)!);
    const filterAt = out.length;
    out.blob(buildFilter(this.#hashes));
    const indexAt = out.length;
    out.varint(this.#offsets.length);
    for (const [i, offset] of this.#offsets.entries()) {
      out.varint((this.#offsets[i + 1] ?? filterAt) - offset);
      out.blob(this.#firstKeys[i]!);
    }
    out.blob(last.key);
    out.u32(filterAt);
    out.u32(indexAt);
    out.u32(this.#count);
    out.u32(trailingChecksum(out.bytes, filterAt, out.length));
    out.u32(MAGIC);
    return out.toBytes();
  }

  #endBlock(start: number): void {
    this.#out.u32(trailingChecksum(this.#out.bytes, start, this.#out.length));
  }
}

function sharedLength(a: Uint8Array, b: Uint8Array): number {
  const longest = Math.min(a.length, b.length);
  let length = 0;
  while (length < longest && a[length] === b[length]) length++;
  return length;
}

/** Any part of a file. */
export type ReadRange = (start: number, end: number) => Uint8Array;

/**
 * @param file for messages
 * @throws DecodeError when the bytes are no run, or a damaged one
 */
export function readIndex(file: string, length: number, read: ReadRange): RunIndex {
  if (length < FOOTER_BYTES) throw damaged(file, `a run of ${length} bytes`, 0);
  const footerAt = length - FOOTER_BYTES;
  const footer = new ByteReader(read(footerAt, length));
  const [filterAt, indexAt, count] = [footer.u32(), footer.u32(), footer.u32()];
  const [expected, magic] = [footer.u32(), footer.u32()];
  if (magic !== MAGIC) throw damaged(file, `no run: it ends in ${magic.toString(16)}`, footerAt);
  if (filterAt > indexAt || indexAt > footerAt) {
    throw damaged(file, `a filter at ${filterAt} and an index at ${indexAt}`, footerAt);
  }
  const bytes = read(filterAt, length);
  const actual = trailingChecksum(bytes, 0, bytes.length - 2 * 4);
  if (actual !== expected) {
    throw damaged(file, `filter and index have checksum ${actual}, not ${expected}`, filterAt);
  }
  return within(file, filterAt, () => {
    const filter = new ByteReader(bytes).blob().slice();
    return { count, filter, ...readBlockList(new ByteReader(bytes, indexAt - filterAt)) };
  });
}

function readBlockList(index: ByteReader): Pick<RunIndex, "offsets" | "firstKeys" | "lastKey"> {
  const offsets = [0];
  const firstKeys: Uint8Array[] = [];
  for (let blocks = index.varint(); blocks > 0; blocks--) {
    offsets.push(offsets.at(-1)! + index.varint());
    firstKeys.push(index.blob().slice());
  }
  return { offsets, firstKeys, lastKey: index.blob().slice() };
}

/** The checksum of the block that ends there. */
export const blockChecksum = (bytes: Uint8Array, end: number): number =>
  new ByteReader(bytes, end - CHECKSUM_BYTES).u32();

/**
 * @param known the checksum that it has to have; absent: the one that it ends in
 * @throws DecodeError naming file and offset
 */
export function readBlock(
  file: string,
  offset: number,
  bytes: Uint8Array,
  known?: number,
): Entry[] {
  const end = bytes.length - CHECKSUM_BYTES;
  if (end < 0) throw damaged(file, `a block of ${bytes.length} bytes`, offset);
  const expected = known ?? blockChecksum(bytes, bytes.length);
  const actual = trailingChecksum(bytes, 0, end);
  if (actual !== expected) {
    throw damaged(file, `a block has checksum ${actual}, not ${expected}`, offset);
  }
  return within(file, offset, () => {
    const input = new ByteReader(bytes, 0, end);
    const entries: Entry[] = [];
    let last = new Uint8Array(0);
    while (input.remaining > 0) {
      const shared = input.varint();
      const length = shared + input.varint();
      if (shared > last.length) throw new DecodeError("a key of no beginning", input.position);
      const key = new Uint8Array(length);
      for (let i = 0; i < shared; i++) key[i] = last[i]!;
      input.fill(key, shared);
      const prefix = input.varint();
      const valueLength = input.varint() - 1;
      const value = valueLength < 0 ? undefined : input.raw(valueLength);
      entries.push({ key, prefix, value });
      last = key;
    }
    return entries;
  });
}

const damaged = (file: string, what: string, offset: number): DecodeError =>
  new DecodeError(`run ${file} is damaged: ${what}`, offset);

/** What goes wrong while a part of a file is read, told by its place in the file. */
function within<T>(file: string, offset: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw damaged(file, error.message, offset + error.offset);
  }
}
