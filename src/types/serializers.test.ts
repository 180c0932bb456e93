/** The laws TY1 to TY4 over types of any shape, drawn together with values of theirs. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";
import { LONG_MAX, LONG_MIN } from "./primitives.ts";
import { types } from "./serializers.ts";
import type { TypeSerializer } from "./type.ts";

type AnyType = TypeSerializer<unknown>;
type Case = Readonly<{ type: AnyType; value: unknown }>;

const encode = (type: AnyType, value: unknown): Uint8Array => {
  const out = new ByteWriter(1);
  type.write(value, out);
  return out.toBytes();
};
const decode = (type: AnyType, bytes: Uint8Array): unknown => {
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
type Family = Readonly<{ type: AnyType; values: fc.Arbitrary<unknown> }>;

const leaves: readonly Family[] = [
  { type: types.string, values: text },
  { type: types.boolean, values: fc.boolean() },
  { type: types.int, values: integer(-(2 ** 31), 2 ** 31 - 1) },
  { type: types.long, values: integer(LONG_MIN, LONG_MAX) },
  { type: types.double, values: fc.double() },
  { type: types.bytes, values: fc.uint8Array({ maxLength: 80 }) },
  { type: types.literal("buy", "sell", "hold"), values: fc.constantFrom("buy", "sell", "hold") },
];

const fieldName = fc.oneof(
  fc.constantFrom("a", "at", "symbol", "constructor", "a b", 'quo"te', "1"),
  fc.string({ maxLength: 6 }).filter((name) => name !== "__proto__"),
);

const familyOf = (depth: number): fc.Arbitrary<Family> => {
  const leaf = fc.constantFrom(...leaves);
  if (depth === 0) return leaf;
  const inner = familyOf(depth - 1);
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
    fc.tuple(leaf, inner).map(([key, value]) => ({
      type: types.map(key.type, value.type),
      values: fc
        .array(fc.tuple(key.values, value.values), { maxLength: 5 })
        .map((entries) => new Map(distinct(key.type, entries))),
    })),
    fc.dictionary(fieldName, inner, { minKeys: 1, maxKeys: 5 }).map((fields) => ({
      type: types.record(Object.fromEntries(Object.entries(fields).map(([n, f]) => [n, f.type]))),
      values: fc.record(Object.fromEntries(Object.entries(fields).map(([n, f]) => [n, f.values]))),
    })),
  );
};

/** Keys of a Map that differ as objects may be equal as values; a map type refuses those. */
function distinct(key: AnyType, entries: readonly [unknown, unknown][]): [unknown, unknown][] {
  return [...new Map(entries.map((entry) => [encode(key, entry[0]).join(), entry])).values()];
}

const cases: fc.Arbitrary<Case> = familyOf(3).chain(({ type, values }) =>
  values.map((value) => ({ type, value })),
);
const assertAll = (seed: number, law: (one: Case) => void, numRuns = 400): void =>
  fc.assert(fc.property(cases, law), { seed, numRuns });

/** Maps as entries in order, so that order counts in a comparison. */
const entriesOf = (value: unknown): unknown => {
  if (value instanceof Map) return [...value].map(([k, v]) => [k, entriesOf(v)]);
  if (Array.isArray(value)) return value.map(entriesOf);
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value;
  return Object.entries(value).map(([name, part]) => [name, entriesOf(part)]);
};

describe("laws over nested types", () => {
  test("[TY1] what is read is what was written", () => {
    assertAll(1, ({ type, value }) => {
      expect(decode(type, encode(type, value))).toEqual(value);
    });
  });

  test("[TY1] a copy is equal, and a change to it does not reach the source", () => {
    assertAll(2, ({ type, value }) => {
      const before = encode(type, value);
      const copy = type.copy(value);
      expect(encode(type, copy)).toEqual(before);
      spoil(copy);
      expect(encode(type, value)).toEqual(before);
    });
  });

  test("[TY1] a value that was read does not change with the buffer it came from", () => {
    assertAll(3, ({ type, value }) => {
      const bytes = encode(type, value);
      const read = decode(type, bytes);
      bytes.fill(0xff);
      expect(read).toEqual(value);
    });
  });

  test("[TY2] maps filled in any order have equal bytes, and are read back in one order", () => {
    assertAll(4, ({ type, value }) => {
      const bytes = encode(type, value);
      expect(encode(type, reversed(value))).toEqual(bytes);
      expect(entriesOf(decode(type, encode(type, reversed(value))))).toEqual(
        entriesOf(decode(type, bytes)),
      );
    });
  });

  test("[TY3] cut at any byte, it is a DecodeError", () => {
    assertAll(
      5,
      ({ type, value }) => {
        const bytes = encode(type, value);
        for (let length = 0; length < bytes.length; length++) {
          const input = new ByteReader(bytes, 0, length);
          expect(() => type.read(input)).toThrow(DecodeError);
        }
      },
      150,
    );
  });

  test("[TY3] any bytes at all: a value that writes as those very bytes, or a DecodeError", () => {
    const anything = fc.tuple(familyOf(2), fc.uint8Array({ maxLength: 24 }));
    fc.assert(
      fc.property(anything, ([{ type }, bytes]) => {
        const input = new ByteReader(bytes);
        let value: unknown;
        try {
          value = type.read(input);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          return;
        }
        if (hasNaN(value)) return; // any pattern of NaN is read, one is written
        expect(encode(type, value)).toEqual(bytes.slice(0, input.position));
      }),
      { seed: 6, numRuns: 1_500 },
    );
  });
});

function spoil(value: unknown): void {
  if (value instanceof Uint8Array) value.fill(0xee);
  else if (value instanceof Map) {
    for (const [k, v] of value) {
      spoil(k);
      spoil(v);
    }
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

function reversed(value: unknown): unknown {
  if (value instanceof Map) {
    return new Map([...value].reverse().map(([k, v]) => [k, reversed(v)]));
  }
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, part]) => [name, reversed(part)]),
  );
}

function hasNaN(value: unknown): boolean {
  if (value instanceof Map) return [...value].some(([k, v]) => hasNaN(k) || hasNaN(v));
  if (Array.isArray(value)) return value.some(hasNaN);
  if (value instanceof Uint8Array) return false;
  if (typeof value === "object" && value !== null) return Object.values(value).some(hasNaN);
  return Number.isNaN(value);
}

describe("one by one", () => {
  test("[TY2] the encoding, written out", () => {
    const show = (type: AnyType, value: unknown): string =>
      Buffer.from(encode(type, value)).toString("hex");
    expect(show(types.string, "aß")).toBe("0361c39f");
    expect(show(types.int, -1)).toBe("01");
    expect(show(types.long, 1_000)).toBe("d00f");
    expect(show(types.double, NaN)).toBe("000000000000f87f");
    expect(show(types.double, -0)).toBe("0000000000000080");
    expect(show(types.literal("a", "b"), "b")).toBe("01");
    expect(show(types.optional(types.boolean), undefined)).toBe("00");
    expect(show(types.optional(types.boolean), false)).toBe("0100");
    const map = types.map(types.string, types.int);
    const entries: [string, number][] = [
      ["b", 2],
      ["a", 1],
    ];
    expect(show(map, new Map(entries))).toBe("02" + "016102" + "016204");
  });

  test("[TY4] a number out of range names type and value", () => {
    expect(() => encode(types.int, 2 ** 31)).toThrow(
      "int: expected an int (an integer from -2147483648 to 2147483647), but got number 2147483648",
    );
    expect(() => encode(types.long, 2 ** 52)).toThrow("but got number 4503599627370496");
    expect(() => encode(types.long, 0.5)).toThrow("but got number 0.5");
    expect(() => encode(types.int, NaN)).toThrow("but got number NaN");
    expect(() => encode(types.long, "7")).toThrow('but got string "7"');
  });

  test("[TY4] each type turns the others' values down", () => {
    const values = [
      "text",
      true,
      0.5,
      new Uint8Array(1),
      [1],
      new Map(),
      { a: 1 },
      null,
      undefined,
    ];
    const accepted = (type: AnyType): unknown[] =>
      values.filter((value) => {
        try {
          encode(type, value);
          return true;
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return false;
        }
      });
    expect(accepted(types.string)).toEqual(["text"]);
    expect(accepted(types.boolean)).toEqual([true]);
    expect(accepted(types.int)).toEqual([]);
    expect(accepted(types.long)).toEqual([]);
    expect(accepted(types.double)).toEqual([0.5]);
    expect(accepted(types.bytes)).toEqual([new Uint8Array(1)]);
    expect(accepted(types.list(types.int))).toEqual([[1]]);
    expect(accepted(types.map(types.int, types.int))).toEqual([new Map()]);
    expect(accepted(types.optional(types.string))).toEqual(["text", undefined]);
    expect(accepted(types.literal("text"))).toEqual(["text"]);
    expect(accepted(types.record({ a: types.int }))).toEqual([{ a: 1 }]);
  });

  test("[TY4] the path leads from the value handed in to the wrong part", () => {
    const leg = types.record({ price: types.double });
    const list = types.list(types.map(types.string, types.optional(leg)));
    const wrong = [new Map(), new Map([["x", { price: "1" }]])];
    expect(() => encode(list, wrong)).toThrow(
      'list<map<string,optional<record{price:double}>>>, at [1]{string "x"}.price: ' +
        'expected a double (any number), but got string "1"',
    );
    expect(() => encode(types.map(types.int, types.int), new Map([["k", 1]]))).toThrow("at {key}");
  });

  test("[TY3] a count beyond the bytes that are left is refused before a loop starts", () => {
    const huge = new ByteWriter();
    huge.varint(Number.MAX_SAFE_INTEGER);
    for (const type of [types.list(types.boolean), types.map(types.int, types.int)]) {
      expect(() => decode(type, huge.toBytes())).toThrow("9007199254740991 elements, yet 0 bytes");
    }
  });

  test("[TY3] keys of a map out of order, or twice, are refused", () => {
    const map = types.map(types.int, types.boolean);
    expect(() => decode(map, Uint8Array.of(2, 4, 1, 2, 1))).toThrow("keys out of order");
    expect(() => decode(map, Uint8Array.of(2, 4, 1, 4, 1))).toThrow("keys out of order");
  });

  test("[TY2] keys of a map that are equal as values are refused, not written twice", () => {
    const map = types.map(types.list(types.int), types.int);
    const twice = new Map([
      [[1], 1],
      [[0], 3],
      [[1], 2],
    ]);
    expect(() => encode(map, twice)).toThrow("two keys with the same bytes");
  });

  test("a declaration that cannot work says so", () => {
    expect(() => types.literal()).toThrow("at least one string");
    expect(() => types.literal("a", "a")).toThrow("each string once");
    expect(() => types.record({})).toThrow("at least one field");
    const nothing: TypeSerializer<null> = {
      id: "nothing",
      immutable: true,
      write: () => undefined,
      read: () => null,
      copy: (value) => value,
    };
    expect(() => encode(types.list(nothing), [null])).toThrow("nothing writes no bytes");
  });

  test("ids spell the type out", () => {
    const type = types.record({
      side: types.literal("buy", "sell"),
      "odd name": types.optional(types.list(types.bytes)),
      more: types.map(types.string, types.generic()),
    });
    expect(type.id).toBe(
      'record{side:literal("buy"|"sell"),"odd name":optional<list<bytes>>,more:map<string,generic>}',
    );
  });
});
