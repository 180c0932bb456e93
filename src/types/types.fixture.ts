/** Types of any shape, drawn together with values of theirs, and what tests do to values. */
import fc from "fast-check";
import { expect } from "vitest";
import { ByteReader, ByteWriter } from "../core/bytes.ts";
import { LONG_MAX, LONG_MIN } from "./primitives.ts";
import { types } from "./serializers.ts";
import type { TypeSerializer } from "./type.ts";

export type AnyType = TypeSerializer<unknown>;
export type Case = Readonly<{ type: AnyType; value: unknown }>;

export const encode = (type: AnyType, value: unknown): Uint8Array => {
  const out = new ByteWriter(1);
  type.write(value, out);
  return out.toBytes();
};

/** All of the bytes, as one value. */
export const decode = (type: Pick<AnyType, "read">, bytes: Uint8Array): unknown => {
  const input = new ByteReader(bytes);
  const value = type.read(input);
  expect(input.remaining).toBe(0);
  return value;
};

const integer = (min: number, max: number) =>
  fc.oneof(fc.integer({ min: -70, max: 70 }), fc.maxSafeInteger()).map((n) => {
    const bounded = Math.min(max, Math.max(min, n));
    return bounded === 0 ? 0 : bounded;
  });
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme-ascii", maxLength: 200 }),
  fc
    .array(fc.integer({ min: 0xd7f0, max: 0xe010 }), { maxLength: 6 })
    .map((units) => String.fromCharCode(...units)),
);

/** A type, and what draws values of it. */
export type Family = Readonly<{ type: AnyType; values: fc.Arbitrary<unknown> }>;

const leaves: readonly Family[] = [
  { type: types.string, values: text },
  { type: types.boolean, values: fc.boolean() },
  { type: types.int, values: integer(-(2 ** 31), 2 ** 31 - 1) },
  { type: types.long, values: integer(LONG_MIN, LONG_MAX) },
  { type: types.double, values: fc.double() },
  {
    type: types.bigint,
    values: fc.oneof(fc.bigInt(), fc.constantFrom(0n, 255n, -256n, 2n ** 70n)),
  },
  { type: types.date, values: fc.date({ noInvalidDate: true }) },
  { type: types.bytes, values: fc.uint8Array({ maxLength: 80 }) },
  { type: types.int8Array, values: fc.int8Array({ maxLength: 4 }) },
  { type: types.uint8ClampedArray, values: fc.uint8ClampedArray({ maxLength: 4 }) },
  { type: types.int16Array, values: fc.int16Array({ maxLength: 4 }) },
  { type: types.uint16Array, values: fc.uint16Array({ maxLength: 4 }) },
  { type: types.int32Array, values: fc.int32Array({ maxLength: 4 }) },
  { type: types.uint32Array, values: fc.uint32Array({ maxLength: 4 }) },
  { type: types.float32Array, values: fc.float32Array({ maxLength: 4 }) },
  { type: types.float64Array, values: fc.float64Array({ maxLength: 4 }) },
  { type: types.bigInt64Array, values: fc.bigInt64Array({ maxLength: 3 }) },
  { type: types.bigUint64Array, values: fc.bigUint64Array({ maxLength: 3 }) },
  { type: types.literal("buy", "sell", "hold"), values: fc.constantFrom("buy", "sell", "hold") },
];

/** Keys and members compare as JavaScript values, and so do their bytes. */
const keys = leaves.slice(0, 6);

const fieldName = fc.oneof(
  fc.constantFrom("a", "at", "symbol", "constructor", "a b", 'quo"te', "1"),
  fc.string({ maxLength: 6 }).filter((name) => name !== "__proto__"),
);

const recordOf = (fields: Readonly<Record<string, Family>>): Family => ({
  type: types.record(Object.fromEntries(Object.entries(fields).map(([n, f]) => [n, f.type]))),
  values: fc.record(Object.fromEntries(Object.entries(fields).map(([n, f]) => [n, f.values]))),
});

const unionOf = (tag: string, members: Readonly<Record<string, Family | undefined>>): Family => ({
  type: types.union(
    tag,
    Object.fromEntries(
      Object.entries(members).map(([n, f]) => [n, (f?.type ?? {}) as TypeSerializer<object>]),
    ),
  ),
  values: fc.oneof(
    ...Object.entries(members).map(([name, family]) =>
      (family?.values ?? fc.constant({})).map((value) => ({ [tag]: name, ...(value as object) })),
    ),
  ),
});

export const familyOf = (depth: number): fc.Arbitrary<Family> => {
  const leaf = fc.constantFrom(...leaves);
  if (depth === 0) return leaf;
  const inner = familyOf(depth - 1);
  const record = fc.dictionary(fieldName, inner, { minKeys: 1, maxKeys: 5 }).map(recordOf);
  return fc.oneof(
    leaf,
    inner.map(({ type, values }) => ({
      type: types.list(type),
      values: fc.array(values, { maxLength: 4 }),
    })),
    inner.map(({ type, values }) => ({
      type: types.optional(type),
      values: fc.option(values, { nil: undefined }),
    })),
    inner.map(({ type, values }) => ({
      type: types.nullable(type),
      values: fc.option(values, { nil: null }),
    })),
    fc.array(inner, { minLength: 1, maxLength: 3 }).map((parts) => ({
      type: types.tuple(...parts.map(({ type }) => type)) as AnyType,
      values: fc.tuple(...parts.map(({ values }) => values)),
    })),
    fc.constantFrom(...keys).map((member) => ({
      type: types.set(member.type),
      values: fc.array(member.values, { maxLength: 5 }).map((list) => new Set(list)),
    })),
    fc.tuple(fc.constantFrom(...keys), inner).map(([key, value]) => ({
      type: types.map(key.type, value.type),
      values: fc
        .array(fc.tuple(key.values, value.values), { maxLength: 5 })
        .map((entries) => new Map(entries)),
    })),
    record,
    fc
      .dictionary(
        fieldName,
        fc.option(
          record.filter(({ type }) => !type.id.includes("kind")),
          { nil: undefined },
        ),
        { minKeys: 1, maxKeys: 3 },
      )
      .map((members) => unionOf("kind", members)),
  );
};

export const cases: fc.Arbitrary<Case> = familyOf(3).chain(({ type, values }) =>
  values.map((value) => ({ type, value })),
);

const isLeaf = (value: unknown): boolean =>
  typeof value !== "object" || value === null || ArrayBuffer.isView(value) || value instanceof Date;

/** Maps and sets as lists in their order, so that order counts in a comparison. */
export const entriesOf = (value: unknown): unknown => {
  if (value instanceof Map) return [...value].map(([k, v]) => [k, entriesOf(v)]);
  if (value instanceof Set) return [...value];
  if (Array.isArray(value)) return value.map(entriesOf);
  if (isLeaf(value)) return value;
  return Object.entries(value as object).map(([name, part]) => [name, entriesOf(part)]);
};

/** Changes whatever can be changed. */
export function spoil(value: unknown): void {
  if (ArrayBuffer.isView(value)) new Uint8Array(value.buffer).fill(0xee);
  else if (value instanceof Date) value.setTime(value.getTime() === 1 ? 2 : 1);
  else if (value instanceof Map) {
    for (const [k, v] of value) {
      spoil(k);
      spoil(v);
    }
    value.clear();
  } else if (value instanceof Set) {
    for (const member of value) spoil(member);
    value.clear();
  } else if (Array.isArray(value)) {
    value.forEach(spoil);
    value.length = 0;
  } else if (typeof value === "object" && value !== null) {
    for (const [name, part] of Object.entries(value)) {
      spoil(part);
      Reflect.deleteProperty(value, name);
    }
  }
}

/** The same value, filled in the other order. */
export function reversed(value: unknown): unknown {
  if (value instanceof Map) {
    return new Map([...value].reverse().map(([k, v]) => [k, reversed(v)]));
  }
  if (value instanceof Set) return new Set([...value].reverse());
  if (Array.isArray(value)) return value.map(reversed);
  if (isLeaf(value)) return value;
  return Object.fromEntries(
    Object.entries(value as object)
      .reverse()
      .map(([name, part]) => [name, reversed(part)]),
  );
}

export function hasNaN(value: unknown): boolean {
  if (value instanceof Map) return [...value].some(([k, v]) => hasNaN(k) || hasNaN(v));
  if (value instanceof Set) return [...value].some(hasNaN);
  if (Array.isArray(value)) return value.some(hasNaN);
  if (value instanceof Float32Array || value instanceof Float64Array) {
    return Array.from(value).some(Number.isNaN);
  }
  if (isLeaf(value)) return Number.isNaN(value);
  return Object.values(value as object).some(hasNaN);
}
