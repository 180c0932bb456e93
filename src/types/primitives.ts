/**
 * The serializers of values without parts. The record codec knows them by identity and puts their
 * few instructions straight into its generated code.
 *
 * `int` is a Java int, `long` a safe integer (a zigzag varint spends one bit on the sign, hence
 * plus or minus 2^52). An integer -0 is 0: the two are equal, so they have the same bytes. `double`
 * keeps -0 apart from 0, and has one NaN.
 */
import type { ByteReader } from "../core/bytes.ts";
import { DecodeError } from "../core/bytes.ts";
import type { TypeSerializer } from "./type.ts";
import { describeValue, ValueTypeError } from "./value-error.ts";

export const LONG_MIN = -(2 ** 52);
export const LONG_MAX = 2 ** 52 - 1;
const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;

/** What each type takes, in words; also its id. */
export const EXPECTED = {
  string: "a string",
  boolean: "a boolean",
  int: `an int (an integer from ${INT_MIN} to ${INT_MAX})`,
  long: `a long (an integer from ${LONG_MIN} to ${LONG_MAX})`,
  double: "a double (any number)",
  bytes: "a Uint8Array",
} as const;

function refuse(type: keyof typeof EXPECTED, value: unknown): never {
  throw new ValueTypeError(type, "", EXPECTED[type], describeValue(value));
}

/** -0 included: it is 0. */
export function isInt(value: unknown): value is number {
  return typeof value === "number" && (value | 0) === value;
}

export function isLong(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= LONG_MIN && (value as number) <= LONG_MAX;
}

export function readBoolean(input: ByteReader): boolean {
  const byte = input.u8();
  if (byte > 1) throw new DecodeError(`a boolean is 0 or 1, not ${byte}`, input.position - 1);
  return byte === 1;
}

export function readInt(input: ByteReader): number {
  const at = input.position;
  const value = input.zigzag();
  if ((value | 0) !== value) throw new DecodeError(`an int is not ${value}`, at);
  return value;
}

export const stringType: TypeSerializer<string> = {
  id: "string",
  immutable: true,
  write(value, out) {
    if (typeof value !== "string") refuse("string", value);
    out.string(value);
  },
  read: (input) => input.string(),
  copy: (value) => value,
};

export const booleanType: TypeSerializer<boolean> = {
  id: "boolean",
  immutable: true,
  write(value, out) {
    if (typeof value !== "boolean") refuse("boolean", value);
    out.u8(value ? 1 : 0);
  },
  read: readBoolean,
  copy: (value) => value,
};

export const intType: TypeSerializer<number> = {
  id: "int",
  immutable: true,
  write(value, out) {
    if (!isInt(value)) refuse("int", value);
    out.zigzag(value);
  },
  read: readInt,
  copy: (value) => value,
};

export const longType: TypeSerializer<number> = {
  id: "long",
  immutable: true,
  write(value, out) {
    if (!isLong(value)) refuse("long", value);
    out.zigzag(value);
  },
  read: (input) => input.zigzag(),
  copy: (value) => value,
};

export const doubleType: TypeSerializer<number> = {
  id: "double",
  immutable: true,
  write(value, out) {
    if (typeof value !== "number") refuse("double", value);
    out.f64(value);
  },
  read: (input) => input.f64(),
  copy: (value) => value,
};

export const bytesType: TypeSerializer<Uint8Array> = {
  id: "bytes",
  immutable: false,
  write(value, out) {
    if (!(value instanceof Uint8Array)) refuse("bytes", value);
    out.blob(value);
  },
  read: (input) => new Uint8Array(input.blob()), // a copy: the buffer below is reused
  copy: (value) => new Uint8Array(value),
};
