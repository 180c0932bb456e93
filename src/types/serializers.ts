/**
 * What users build types from: `types.record({ symbol: types.string, at: types.long })`.
 *
 * Factories return serializers whose `id` spells the type out, so that two declarations of one type
 * are interchangeable, in snapshots too. Declare types once, at the top of a module.
 *
 * Laws, for every type t and value v, held by `serializers.test.ts`:
 *
 * TY1  read(write(v)) equals v, and so does copy(v), which shares nothing mutable with v.
 * TY2  Equal values have equal bytes.
 * TY3  Cut anywhere, the bytes are a `DecodeError`; never another value, never a hang.
 * TY4  A value of another type is a `ValueTypeError`: where, what was expected, what was found.
 */
import { listType, literalType, mapType, optionalType } from "./collections.ts";
import { genericType } from "./generic-codec.ts";
import { booleanType, bytesType, doubleType, intType, longType, stringType } from "./primitives.ts";
import { recordType } from "./record-codec.ts";
import type { TypeSerializer } from "./type.ts";

export const types = {
  /** Any string, lone surrogates included. */
  string: stringType,
  boolean: booleanType,
  /** An integer from -2^31 to 2^31 - 1. */
  int: intType,
  /** An integer from -2^52 to 2^52 - 1: counts, ids, milliseconds. */
  long: longType,
  /** Any number; -0 and 0 are two values, NaN is one. */
  double: doubleType,
  bytes: bytesType,
  list: listType,
  /** A JavaScript Map; in order of its keys' bytes once it has travelled. */
  map: mapType,
  /** A value or `undefined`. */
  optional: optionalType,
  /** One of these strings: `types.literal("buy", "sell")`. Add new ones at the end. */
  literal: literalType,
  /** A plain object with these fields, in this order. */
  record: recordType,
  /** Plain data of any shape; slower and larger than a declared type. */
  generic: <T>(): TypeSerializer<T> => genericType as TypeSerializer<T>,
} as const;
