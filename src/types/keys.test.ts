/** KY1 to KY3 over keys of every kind of codec, and the hashes that must agree with Java. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteWriter } from "../core/bytes.ts";
import { hashBytes, hashText, murmurHash } from "../core/hash.ts";
import { compareBytes } from "../core/ordered.ts";
import { createKeyCodec } from "./keys.ts";
import { types } from "./serializers.ts";
import type { TypeSerializer } from "./type.ts";

const bytesOf = <K>(type: TypeSerializer<K>, key: K): Uint8Array => {
  const out = new ByteWriter();
  type.write(key, out);
  return out.toBytes();
};

const text = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.string({ minLength: 120, maxLength: 260 }),
  fc.constantFrom(
    "",
    "a",
    "b",
    "\u00e9",
    "\ud800",
    "\udc00",
    "\uffff",
    "\u{10000}",
    "0",
    "-0",
    "NaN",
  ),
);
const int = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer(), fc.constant(-0));
const long = fc.oneof(int, fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 }));
const double = fc.oneof(fc.double(), int, fc.constantFrom(-0, 0, NaN, 2 ** 53, -(2 ** 60)));
const generic = fc.oneof(
  text,
  double,
  fc.boolean(),
  fc.array(int, { maxLength: 2 }),
  fc.constant(null),
);

/** Keys in pairs, near enough to each other to be equal now and then. */
const families: readonly (readonly [TypeSerializer<unknown>, fc.Arbitrary<unknown>])[] = [
  [types.string, text],
  [types.int, int],
  [types.long, long],
  [types.double, double],
  [types.boolean, fc.boolean()],
  [types.literal("a", "b"), fc.constantFrom("a", "b")],
  [types.optional(types.string), fc.option(text, { nil: undefined })],
  [types.list(types.int), fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 3 })],
  [
    types.record({ id: types.int, name: types.string }),
    fc.record({ id: fc.integer({ min: 0, max: 2 }), name: fc.constantFrom("", "a", "b") }),
  ],
  [types.generic(), generic],
];

describe.each(families)("keys of type %#", (type, keys) => {
  const codec = createKeyCodec(type);
  const pairs = fc.oneof(
    fc.tuple(keys, keys),
    keys.map((key) => [key, type.copy(key)] as const),
  );
  const assertAll = (seed: number, law: (a: unknown, b: unknown) => void): void =>
    fc.assert(
      fc.property(pairs, ([a, b]) => law(a, b)),
      { seed, numRuns: 500 },
    );

  test("[KY1] one identity exactly for equal bytes", () => {
    assertAll(11, (a, b) => {
      const same = compareBytes(bytesOf(type, a), bytesOf(type, b)) === 0;
      expect(new Set([codec.identity(a), codec.identity(b)]).size).toBe(same ? 1 : 2);
    });
  });

  test("[KY2] [C57] equal keys have equal hashes of 32 bits", () => {
    assertAll(12, (a, b) => {
      expect(codec.hash(a)).toBe(codec.hash(a) | 0);
      if (codec.identity(a) === codec.identity(b)) expect(codec.hash(a)).toBe(codec.hash(b));
    });
  });

  test("[KY3] the order is that of the bytes", () => {
    assertAll(13, (a, b) => {
      const byBytes = compareBytes(bytesOf(type, a), bytesOf(type, b));
      expect(Math.sign(codec.compare(a, b))).toBe(Math.sign(byBytes));
      expect(Math.sign(codec.compare(b, a))).toBe(-Math.sign(byBytes) + 0);
    });
  });
});

test("[KY1] what is remembered of the last key is true of no other", () => {
  const changing = { id: 1 };
  const records = createKeyCodec(types.record({ id: types.int }));
  const before = records.identity(changing);
  changing.id = 2;
  expect(records.identity(changing)).not.toBe(before);
  const zeros = createKeyCodec(types.optional(types.double));
  expect(zeros.identity(0)).not.toBe(zeros.identity(-0));
  expect(zeros.identity(undefined)).not.toBe(zeros.identity(0));
  expect(zeros.identity(0)).toBe(createKeyCodec(types.optional(types.double)).identity(0));
});

describe("[C57] hashes agree with Java's", () => {
  const hash = <K>(type: TypeSerializer<K>, key: K): number => createKeyCodec(type).hash(key);

  test("strings: String.hashCode", () => {
    expect(hash(types.string, "hello")).toBe(99162322);
    expect(hash(types.generic<string>(), "hello")).toBe(hashText("hello"));
  });

  test("numbers within 32 bits are their own hash", () => {
    for (const type of [types.int, types.long, types.double, types.generic<number>()]) {
      for (const key of [0, 1, -1, 42, 2 ** 31 - 1, -(2 ** 31)]) expect(hash(type, key)).toBe(key);
    }
    expect(Object.is(hash(types.long, -0), 0)).toBe(true);
  });

  test("larger integers: Long.hashCode", () => {
    expect(hash(types.long, 1_700_000_000_000)).toBe(-807_048_821);
    expect(hash(types.long, 2 ** 32)).toBe(1);
    expect(hash(types.long, -(2 ** 32))).toBe(-1);
    expect(hash(types.long, -(2 ** 31) - 1)).toBe(-(2 ** 31));
  });

  test("the rest: Double.hashCode", () => {
    expect(hash(types.double, 1.5)).toBe(0x3ff8_0000);
    expect(hash(types.double, NaN)).toBe(0x7ff8_0000);
    expect(hash(types.double, -0)).toBe(-(2 ** 31));
    expect(hash(types.double, Infinity)).toBe(0x7ff0_0000);
  });

  test("all others: over their bytes", () => {
    const type = types.record({ id: types.int });
    expect(hash(type, { id: 3 })).toBe(hashBytes(Uint8Array.of(6)));
  });

  test("[C54] a known key lies in a known key group", () => {
    expect(murmurHash(hash(types.string, "user-42")) % 128).toBe(20);
  });
});

test("a key of another type is refused by each method", () => {
  const strings = createKeyCodec(types.string);
  const ints = createKeyCodec(types.int);
  const longs = createKeyCodec(types.long);
  const wrong = [undefined, null, {}] as unknown as never[];
  for (const key of wrong) {
    for (const codec of [strings, ints, longs, createKeyCodec(types.double)]) {
      expect(() => codec.identity(key)).toThrow("expected a");
      expect(() => codec.hash(key)).toThrow("expected a");
      expect(() => codec.compare(key, key)).toThrow("expected a");
    }
  }
  expect(() => ints.identity(2 ** 31)).toThrow("but got number 2147483648");
  expect(() => longs.identity(0.5)).toThrow("but got number 0.5");
  expect(() => createKeyCodec(types.generic()).identity(() => 1)).toThrow("expected plain data");
});
