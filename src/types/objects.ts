/**
 * The serializers of values that JavaScript brings along: big integers, dates, arrays of numbers.
 *
 *   bigint        the number of its bytes, negative for a negative value; then the bytes of its
 *                 magnitude, lowest first, the last of them never 0
 *   date          milliseconds since 1970, as a double
 *   typed array   the number of elements, then their bytes, little-endian
 *
 * NaN within an array of floats is written with one pattern, like any other.
 */
import type { ByteReader, ByteWriter } from "../core/bytes.ts";
import { DecodeError } from "../core/bytes.ts";
import type { TypeSerializer } from "./type.ts";
import { describeValue, ValueTypeError } from "./value-error.ts";

export const bigintType: TypeSerializer<bigint> = {
  id: "bigint",
  immutable: true,
  write(value, out) {
    if (typeof value !== "bigint") refuse("bigint", "a bigint", value);
    const negative = value < 0n;
    const hex = (negative ? -value : value).toString(16);
    const size = value === 0n ? 0 : Math.ceil(hex.length / 2);
    out.zigzag(negative ? -size : size);
    for (let end = hex.length, i = 0; i < size; i++, end -= 2) {
      out.u8(Number.parseInt(hex.slice(Math.max(0, end - 2), end), 16));
    }
  },
  read(input) {
    const at = input.position;
    const count = input.zigzag();
    const bytes = input.raw(Math.abs(count));
    if (bytes.length === 0) return 0n;
    if (bytes[bytes.length - 1] === 0) throw new DecodeError("bigint: padded with a zero", at);
    let hex = "0x";
    for (let i = bytes.length - 1; i >= 0; i--) hex += bytes[i]!.toString(16).padStart(2, "0");
    return count < 0 ? -BigInt(hex) : BigInt(hex);
  },
  copy: (value) => value,
};

/** The farthest that a Date can be from 1970. */
const DATE_MS_MAX = 8_640_000_000_000_000;

export const dateType: TypeSerializer<Date> = {
  id: "date",
  immutable: false,
  write(value, out) {
    if (!(value instanceof Date)) refuse("date", "a Date", value);
    const timeMs = value.getTime();
    if (timeMs !== timeMs) throw new ValueTypeError("date", "", "a Date", "an invalid Date");
    out.f64(timeMs);
  },
  read(input) {
    const at = input.position;
    const timeMs = input.f64();
    if (!Number.isInteger(timeMs) || Math.abs(timeMs) > DATE_MS_MAX || Object.is(timeMs, -0)) {
      throw new DecodeError(`date: ${timeMs} is no time in milliseconds`, at);
    }
    return new Date(timeMs);
  },
  copy: (value) => new Date(value.getTime()),
};

function refuse(id: string, expected: string, value: unknown): never {
  throw new ValueTypeError(id, "", expected, describeValue(value));
}

type NumberArray =
  | Int8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

type ArrayClass<A> = {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): A;
};

/** The machine's order of bytes is that of the format: little-endian wherever Node runs today. */
function typedArray<A extends NumberArray>(
  arrays: ArrayClass<A>,
  canonical: (bytes: Uint8Array) => void = () => undefined,
): TypeSerializer<A> {
  const id = arrays.name.charAt(0).toLowerCase() + arrays.name.slice(1);
  const size = arrays.BYTES_PER_ELEMENT;
  const bytesOf = (value: A): Uint8Array =>
    new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  return {
    id,
    immutable: false,
    write(value: A, out: ByteWriter) {
      if (!(value instanceof arrays)) {
        const article = /^[aeiou]/i.test(id) ? "an" : "a";
        refuse(id, `${article} ${arrays.name}`, value);
      }
      const bytes = bytesOf(value);
      canonical(bytes);
      out.varint(value.length);
      out.raw(bytes);
    },
    read(input: ByteReader) {
      const at = input.position;
      const count = input.varint();
      if (count * size > input.remaining) {
        const left = input.remaining;
        throw new DecodeError(`${id}: ${count} elements, yet ${left} bytes left`, at);
      }
      return new arrays(new Uint8Array(input.raw(count * size)).buffer);
    },
    copy: (value: A) => new arrays(bytesOf(value).buffer as ArrayBuffer),
  };
}

/** Sign and payload of a NaN are dropped: it is the quiet NaN that `ByteWriter.f64` writes, too. */
function canonicalFloats(bytes: Uint8Array): void {
  const floats = new Float32Array(bytes.buffer);
  const bits = new Uint32Array(bytes.buffer);
  for (let i = 0; i < floats.length; i++) {
    if (floats[i] !== floats[i]) bits[i] = 0x7fc0_0000;
  }
}

function canonicalDoubles(bytes: Uint8Array): void {
  const doubles = new Float64Array(bytes.buffer);
  const bits = new BigUint64Array(bytes.buffer);
  for (let i = 0; i < doubles.length; i++) {
    if (doubles[i] !== doubles[i]) bits[i] = 0x7ff8_0000_0000_0000n;
  }
}

export const int8ArrayType = typedArray(Int8Array);
export const uint8ClampedArrayType = typedArray(Uint8ClampedArray);
export const int16ArrayType = typedArray(Int16Array);
export const uint16ArrayType = typedArray(Uint16Array);
export const int32ArrayType = typedArray(Int32Array);
export const uint32ArrayType = typedArray(Uint32Array);
export const float32ArrayType = typedArray(Float32Array, canonicalFloats);
export const float64ArrayType = typedArray(Float64Array, canonicalDoubles);
export const bigInt64ArrayType = typedArray(BigInt64Array);
export const bigUint64ArrayType = typedArray(BigUint64Array);

export const typedArrayTypes = [
  int8ArrayType,
  uint8ClampedArrayType,
  int16ArrayType,
  uint16ArrayType,
  int32ArrayType,
  uint32ArrayType,
  float32ArrayType,
  float64ArrayType,
  bigInt64ArrayType,
  bigUint64ArrayType,
] as const;
