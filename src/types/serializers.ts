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
import {
  listType,
  literalType,
  mapType,
  nullableType,
  optionalType,
  setType,
} from "./collections.ts";
import { customType } from "./custom-type.ts";
import { genericType } from "./generic-codec.ts";
import * as objects from "./objects.ts";
import { booleanType, bytesType, doubleType, intType, longType, stringType } from "./primitives.ts";
import { recordType } from "./record-codec.ts";
import { tupleType } from "./tuple-codec.ts";
import type { TypeSerializer } from "./type.ts";
import { unionType } from "./union-codec.ts";

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
  /** An integer of any size. */
  bigint: objects.bigintType,
  /** A JavaScript Date; not an invalid one. */
  date: objects.dateType,
  bytes: bytesType,
  int8Array: objects.int8ArrayType,
  uint8ClampedArray: objects.uint8ClampedArrayType,
  int16Array: objects.int16ArrayType,
  uint16Array: objects.uint16ArrayType,
  int32Array: objects.int32ArrayType,
  uint32Array: objects.uint32ArrayType,
  float32Array: objects.float32ArrayType,
  float64Array: objects.float64ArrayType,
  bigInt64Array: objects.bigInt64ArrayType,
  bigUint64Array: objects.bigUint64ArrayType,
  list: listType,
  /** A JavaScript Map; in order of its keys' bytes once it has travelled. */
  map: mapType,
  /** A JavaScript Set; in order of its members' bytes once it has travelled. */
  set: setType,
  /** An array of fixed length: `types.tuple(types.string, types.int)`. */
  tuple: tupleType,
  /** A value or `undefined`; a field of this type may be absent. */
  optional: optionalType,
  /** A value or `null`. */
  nullable: nullableType,
  /** One of these strings: `types.literal("buy", "sell")`. Add new ones at the end. */
  literal: literalType,
  /** A plain object with these fields, in this order. */
  record: recordType,
  /** Records told apart by a field: `types.union("kind", { closed: {}, paid: types.record(...) })`. */
  union: unionType,
  /** What you read and write yourself. */
  custom: customType,
  /** Plain data of any shape; slower and larger than a declared type. */
  generic: <T>(): TypeSerializer<T> => genericType as TypeSerializer<T>,
} as const;
