/**
 * Canonical bytes: one value, one encoding, on every machine. All that crosses a process border or
 * is stored goes through these two classes.
 *
 * Integers are little-endian; `varint` is LEB128 over non-negative safe integers; `zigzag` maps
 * signed ones onto it. Strings are UTF-8, with lone surrogates kept as three bytes each, so that
 * every JavaScript string survives. NaN has one pattern; -0 keeps its sign. A reader refuses what
 * no writer makes (a padded varint, an overlong sequence), so bytes and values map one to one.
 *
 * Every record passes here several times. Hence the unrolled loops, and slow paths in functions of
 * their own, so that the fast ones stay small enough to be inlined.
 *
 * Not here: the text side of it, `utf8.ts`.
 */
import { assert } from "./assert.ts";
import { readAscii, readUtf8, utf8Length, writeUtf8 } from "./utf8.ts";

const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);

/** The bytes do not say what they should: truncated, corrupted, or of another format. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(`${message}, at byte ${offset}`);
    this.offset = offset;
  }
}

/** Grows as needed; `reset` keeps the memory for the next value. */
export class ByteWriter {
  bytes: Uint8Array;
  length = 0;

  constructor(capacity = 64) {
    this.bytes = new Uint8Array(capacity);
  }

  reset(): void {
    this.length = 0;
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  u8(value: number): void {
    if (this.length === this.bytes.length) grow(this, 1);
    this.bytes[this.length++] = value;
  }

  u32(value: number): void {
    const at = this.length;
    if (at + 4 > this.bytes.length) grow(this, 4);
    const { bytes } = this;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
    this.length = at + 4;
  }

  f64(value: number): void {
    const at = this.length;
    if (at + 8 > this.bytes.length) grow(this, 8);
    const { bytes } = this;
    float[0] = value === value ? value : NaN;
    bytes[at] = floatBytes[0]!;
    bytes[at + 1] = floatBytes[1]!;
    bytes[at + 2] = floatBytes[2]!;
    bytes[at + 3] = floatBytes[3]!;
    bytes[at + 4] = floatBytes[4]!;
    bytes[at + 5] = floatBytes[5]!;
    bytes[at + 6] = floatBytes[6]!;
    bytes[at + 7] = floatBytes[7]!;
    this.length = at + 8;
  }

  /** 0 to 2^53 - 1. */
  varint(value: number): void {
    if (value >= 0 && value < 0x80 && Number.isInteger(value)) {
      if (this.length === this.bytes.length) grow(this, 1);
      this.bytes[this.length++] = value;
      return;
    }
    writeLongVarint(this, value);
  }

  /** -(2^52) to 2^52 - 1. */
  zigzag(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  string(text: string): void {
    const count = text.length;
    if (this.length + 8 + count * 3 > this.bytes.length) grow(this, 8 + count * 3);
    const { bytes } = this;
    const lengthAt = this.length;
    let at = lengthAt + 1;
    if (count >= 0x80) {
      writeLongVarint(this, count);
      at = this.length;
    } else {
      bytes[lengthAt] = count;
    }
    for (let i = 0; i < count; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) {
        this.length = lengthAt;
        writeWide(this, text);
        return;
      }
      bytes[at++] = unit;
    }
    this.length = at;
  }

  /** Raw bytes, without their length. */
  raw(source: Uint8Array, start = 0, end = source.length): void {
    const count = end - start;
    if (this.length + count > this.bytes.length) grow(this, count);
    const { bytes } = this;
    let at = this.length;
    if (count > 64) {
      bytes.set(start === 0 && end === source.length ? source : source.subarray(start, end), at);
    } else {
      for (let i = start; i < end; i++) bytes[at++] = source[i]!;
    }
    this.length += count;
  }

  /** Length first, then the bytes. */
  blob(source: Uint8Array): void {
    this.varint(source.length);
    this.raw(source);
  }
}

function grow(writer: ByteWriter, count: number): void {
  const { bytes } = writer;
  const grown = new Uint8Array(Math.max(writer.length + count, bytes.length * 2));
  grown.set(bytes);
  writer.bytes = grown;
}

function writeWide(writer: ByteWriter, text: string): void {
  writer.varint(utf8Length(text)); // `string` has reserved room enough
  writer.length = writeUtf8(text, writer.bytes, writer.length);
}

/** The low 28 bits and the rest apart: each half fits the machine's integers. */
const LOW_BITS = 0x1000_0000;

function writeLongVarint(writer: ByteWriter, value: number): void {
  assert(value >= 0 && Number.isSafeInteger(value), () => `varint of ${value}`);
  if (writer.length + 8 > writer.bytes.length) grow(writer, 8);
  const { bytes } = writer;
  let at = writer.length;
  let rest = value;
  if (value >= LOW_BITS) {
    rest = Math.floor(value / LOW_BITS);
    const low = value - rest * LOW_BITS;
    bytes[at] = low | 0x80;
    bytes[at + 1] = (low >>> 7) | 0x80;
    bytes[at + 2] = (low >>> 14) | 0x80;
    bytes[at + 3] = (low >>> 21) | 0x80;
    at += 4;
  }
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  writer.length = at;
}

/** Reads what `ByteWriter` wrote; every read past the end is a `DecodeError`. */
export class ByteReader {
  bytes: Uint8Array;
  position: number;
  end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  /** Points this reader elsewhere, to spare an allocation per buffer. */
  over(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  u8(): number {
    if (this.position >= this.end) throw truncated(this, 1);
    return this.bytes[this.position++]!;
  }

  u32(): number {
    const at = this.position;
    if (at + 4 > this.end) throw truncated(this, 4);
    const { bytes } = this;
    this.position = at + 4;
    const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    return (low | (bytes[at + 3]! << 24)) >>> 0;
  }

  f64(): number {
    const at = this.position;
    if (at + 8 > this.end) throw truncated(this, 8);
    const { bytes } = this;
    floatBytes[0] = bytes[at]!;
    floatBytes[1] = bytes[at + 1]!;
    floatBytes[2] = bytes[at + 2]!;
    floatBytes[3] = bytes[at + 3]!;
    floatBytes[4] = bytes[at + 4]!;
    floatBytes[5] = bytes[at + 5]!;
    floatBytes[6] = bytes[at + 6]!;
    floatBytes[7] = bytes[at + 7]!;
    this.position = at + 8;
    return float[0]!;
  }

  varint(): number {
    if (this.position < this.end) {
      const byte = this.bytes[this.position]!;
      if (byte < 0x80) {
        this.position++;
        return byte;
      }
    }
    return readLongVarint(this);
  }

  zigzag(): number {
    const value = this.varint();
    if (value < 0x8000_0000) return (value >>> 1) ^ -(value & 1);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  string(): string {
    const size = this.varint();
    const start = this.position;
    const end = start + size;
    if (end > this.end) throw truncated(this, size);
    const { bytes } = this;
    this.position = end;
    let seen = 0;
    for (let i = start; i < end; i++) seen |= bytes[i]!;
    if (seen < 0x80) return readAscii(bytes, start, end);
    return readUtf8(bytes, start, end) ?? broken("a broken UTF-8 sequence", start);
  }

  /** A view, not a copy: valid as long as the bytes below it are. */
  raw(count: number): Uint8Array {
    const at = this.position;
    if (at + count > this.end) throw truncated(this, count);
    this.position = at + count;
    return this.bytes.subarray(at, at + count);
  }

  blob(): Uint8Array {
    return this.raw(this.varint());
  }

  /** The next bytes, copied to `target` from there to its end; short ones, so it makes no view. */
  fill(target: Uint8Array, from: number): void {
    const count = target.length - from;
    let at = this.position;
    if (at + count > this.end) throw truncated(this, count);
    const { bytes } = this;
    for (let i = from; i < target.length; i++) target[i] = bytes[at++]!;
    this.position = at;
  }
}

function truncated(reader: ByteReader, count: number): DecodeError {
  return new DecodeError(`${count} bytes expected, ${reader.remaining} left`, reader.position);
}

function broken(what: string, offset: number): never {
  throw new DecodeError(what, offset);
}

/** Seven bits a byte, lowest first; the last byte is no padding zero, unless it is the only one. */
function readLongVarint(reader: ByteReader): number {
  const { bytes, end, position } = reader;
  let at = position;
  let low = 0;
  let high = 0;
  for (let shift = 0; shift < 56; shift += 7) {
    if (at >= end) throw truncated(reader, at - position + 1);
    const byte = bytes[at++]!;
    if (shift < 28) low |= (byte & 0x7f) << shift;
    else high |= (byte & 0x7f) << (shift - 28);
    if (byte >= 0x80) continue;
    if (byte === 0 && at > position + 1) return broken("a padded varint", position);
    const value = high * LOW_BITS + low;
    if (value > Number.MAX_SAFE_INTEGER) return broken("a varint above 2^53 - 1", position);
    reader.position = at;
    return value;
  }
  return broken("a varint of more than 8 bytes", position);
}
