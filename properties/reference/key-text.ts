/**
 * Turns a key into a text that stands for it: equal keys have equal texts, and texts sort as the
 * keys' bytes do.
 *
 * Keys are compared by their serialized form, and a map state iterates in order of it. So the
 * reference needs the bytes, but must not get them from the engine's own writer: `KeyWriter` is
 * written anew from the format's description (little-endian, LEB128, zigzag, UTF-8 with lone
 * surrogates as three bytes, one NaN), slowly and plainly. The text has one character for a byte.
 */
import type { ByteWriter, TypeSerializer } from "../../src/index.ts";

const CANONICAL_NAN = [0, 0, 0, 0, 0, 0, 0xf8, 0x7f];

/** Everything a serializer may call; the compiler says when the engine's writer learns more. */
class KeyWriter implements ByteWriter {
  bytes = new Uint8Array(32);
  length = 0;

  reset(): void {
    this.length = 0;
  }

  toBytes(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  u8(value: number): void {
    if (this.length + 1 >= this.bytes.length) {
      const grown = new Uint8Array(this.bytes.length * 2);
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.bytes[this.length++] = value % 256;
  }

  u32(value: number): void {
    const unsigned = value >>> 0;
    for (const scale of [1, 2 ** 8, 2 ** 16, 2 ** 24]) this.u8(Math.floor(unsigned / scale));
  }

  f64(value: number): void {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value, true);
    const pattern = Number.isNaN(value) ? CANONICAL_NAN : new Uint8Array(view.buffer);
    for (const byte of pattern) this.u8(byte);
  }

  varint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`a key holds ${value} where only 0 to 2^53 - 1 can be written`);
    }
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.u8(128 + (rest % 128));
    this.u8(rest);
  }

  zigzag(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  string(text: string): void {
    const encoded: number[] = [];
    // Iterating a string gives code points, and lone surrogates as they are.
    for (const character of text) encoded.push(...utf8(character.codePointAt(0) ?? 0));
    this.varint(encoded.length);
    for (const byte of encoded) this.u8(byte);
  }

  raw(source: Uint8Array, start = 0, end = source.length): void {
    for (const byte of source.slice(start, end)) this.u8(byte);
  }

  blob(source: Uint8Array): void {
    this.varint(source.length);
    this.raw(source);
  }
}

function utf8(point: number): readonly number[] {
  const tail = (shift: number): number => 0x80 | ((point >> shift) & 0x3f);
  if (point < 0x80) return [point];
  if (point < 0x800) return [0xc0 | (point >> 6), tail(0)];
  if (point < 0x1_0000) return [0xe0 | (point >> 12), tail(6), tail(0)];
  return [0xf0 | (point >> 18), tail(12), tail(6), tail(0)];
}

export function keyText<K>(type: TypeSerializer<K>, key: K): string {
  const writer = new KeyWriter();
  type.write(key, writer);
  let text = "";
  for (let at = 0; at < writer.length; at++) text += String.fromCharCode(writer.bytes[at] ?? 0);
  return text;
}
