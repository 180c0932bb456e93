/**
 * Canonical bytes: one value, one encoding, on every machine. All that crosses a process border or
 * is stored goes through these two classes.
 *
 * Integers are little-endian; `varint` is LEB128 over non-negative safe integers; `zigzag` maps
 * signed ones onto it. Strings are UTF-8, with lone surrogates kept as three bytes each, so that
 * every JavaScript string survives. NaN has one pattern; -0 keeps its sign.
 */
import { assert } from "./assert.ts";

const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);
const CANONICAL_NAN = [0, 0, 0, 0, 0, 0, 0xf8, 0x7f] as const;

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

  #reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes);
    this.bytes = grown;
  }

  u8(value: number): void {
    if (this.length === this.bytes.length) this.#reserve(1);
    this.bytes[this.length++] = value;
  }

  u32(value: number): void {
    this.#reserve(4);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = value;
    bytes[at++] = value >>> 8;
    bytes[at++] = value >>> 16;
    bytes[at++] = value >>> 24;
    this.length = at;
  }

  f64(value: number): void {
    this.#reserve(8);
    const { bytes } = this;
    const at = this.length;
    this.length = at + 8;
    if (value !== value) {
      for (let i = 0; i < 8; i++) bytes[at + i] = CANONICAL_NAN[i]!;
      return;
    }
    float[0] = value;
    for (let i = 0; i < 8; i++) bytes[at + i] = floatBytes[i]!;
  }

  /** 0 to 2^53 - 1. */
  varint(value: number): void {
    assert(value >= 0 && Number.isSafeInteger(value), () => `varint of ${value}`);
    this.#reserve(8);
    const { bytes } = this;
    let rest = value;
    let at = this.length;
    while (rest >= 0x80) {
      bytes[at++] = (rest % 0x80) | 0x80;
      rest = rest < 0x8000_0000 ? rest >>> 7 : Math.floor(rest / 0x80);
    }
    bytes[at++] = rest;
    this.length = at;
  }

  /** -(2^52) to 2^52 - 1. */
  zigzag(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  string(text: string): void {
    const count = text.length;
    this.#reserve(8 + count * 3);
    const lengthAt = this.length;
    let at = lengthAt + 1;
    const { bytes } = this;
    for (let i = 0; i < count; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x80) {
        bytes[at++] = unit;
      } else {
        this.#wideString(text);
        return;
      }
    }
    if (count < 0x80) {
      bytes[lengthAt] = count;
      this.length = at;
      return;
    }
    this.varint(count);
    for (let i = 0; i < count; i++) bytes[this.length++] = text.charCodeAt(i);
  }

  #wideString(text: string): void {
    const size = wideLength(text);
    this.varint(size);
    this.#reserve(size);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) {
      const point = text.codePointAt(i)!;
      if (point < 0x80) {
        bytes[at++] = point;
      } else if (point < 0x800) {
        bytes[at++] = 0xc0 | (point >> 6);
        bytes[at++] = 0x80 | (point & 0x3f);
      } else if (point < 0x1_0000) {
        bytes[at++] = 0xe0 | (point >> 12);
        bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
        bytes[at++] = 0x80 | (point & 0x3f);
      } else {
        bytes[at++] = 0xf0 | (point >> 18);
        bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
        bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
        bytes[at++] = 0x80 | (point & 0x3f);
        i++;
      }
    }
    this.length = at;
  }

  /** Raw bytes, without their length. */
  raw(source: Uint8Array, start = 0, end = source.length): void {
    const count = end - start;
    this.#reserve(count);
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

function wideLength(text: string): number {
  let size = 0;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i)!;
    size += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
    if (point >= 0x1_0000) i++;
  }
  return size;
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

  #need(count: number): void {
    if (this.position + count > this.end) {
      throw new DecodeError(
        `${count} bytes expected, ${this.end - this.position} left`,
        this.position,
      );
    }
  }

  u8(): number {
    if (this.position >= this.end) this.#need(1);
    return this.bytes[this.position++]!;
  }

  u32(): number {
    this.#need(4);
    const { bytes } = this;
    const at = this.position;
    this.position = at + 4;
    const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    return (low | (bytes[at + 3]! << 24)) >>> 0;
  }

  f64(): number {
    this.#need(8);
    const { bytes } = this;
    const at = this.position;
    for (let i = 0; i < 8; i++) floatBytes[i] = bytes[at + i]!;
    this.position = at + 8;
    return float[0]!;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw new DecodeError("a varint of more than 8 bytes", this.position);
  }

  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  string(): string {
    const size = this.varint();
    this.#need(size);
    const start = this.position;
    const end = start + size;
    this.position = end;
    const { bytes } = this;
    if (size <= 16) {
      let text = "";
      for (let i = start; i < end; i++) {
        const byte = bytes[i]!;
        if (byte >= 0x80) return decodeWide(bytes, start, end);
        text += String.fromCharCode(byte);
      }
      return text;
    }
    for (let i = start; i < end; i++) if (bytes[i]! >= 0x80) return decodeWide(bytes, start, end);
    return decodeAscii(bytes, start, end);
  }

  /** A view, not a copy: valid as long as the bytes below it are. */
  raw(count: number): Uint8Array {
    this.#need(count);
    const view = this.bytes.subarray(this.position, this.position + count);
    this.position += count;
    return view;
  }

  blob(): Uint8Array {
    return this.raw(this.varint());
  }
}

const APPLY_MAX = 4_096;

function decodeAscii(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at += APPLY_MAX) {
    const part = bytes.subarray(at, Math.min(end, at + APPLY_MAX));
    text += String.fromCharCode.apply(null, part as unknown as number[]);
  }
  return text;
}

function decodeWide(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let at = start;
  const next = (): number => {
    const byte = at < end ? bytes[at++]! : 0;
    if ((byte & 0xc0) !== 0x80) throw new DecodeError("a broken UTF-8 sequence", at);
    return byte & 0x3f;
  };
  while (at < end) {
    const first = bytes[at++]!;
    if (first < 0x80) text += String.fromCharCode(first);
    else if (first >= 0xc0 && first < 0xe0)
      text += String.fromCodePoint(((first & 0x1f) << 6) | next());
    else if (first >= 0xe0 && first < 0xf0)
      text += String.fromCodePoint(((first & 0xf) << 12) | (next() << 6) | next());
    else if (first >= 0xf0 && first < 0xf8)
      text += String.fromCodePoint(((first & 0x7) << 18) | (next() << 12) | (next() << 6) | next());
    else throw new DecodeError("a broken UTF-8 sequence", at);
  }
  return text;
}
