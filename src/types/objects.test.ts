/** Big integers, dates, typed arrays, sets, tuples and what may be missing: bytes and refusals. */
import { describe, expect, expectTypeOf, test } from "vitest";
import { DecodeError } from "../core/bytes.ts";
import { createKeyCodec } from "./keys.ts";
import { types } from "./serializers.ts";
import type { ValueOf } from "./type.ts";
import { decode, encode, type AnyType } from "./types.fixture.ts";
import { ValueTypeError } from "./value-error.ts";

const hex = (type: AnyType, value: unknown): string =>
  Buffer.from(encode(type, value)).toString("hex");

describe("[TY2] the encoding, written out", () => {
  test.each([
    ["bigint", types.bigint, 0n, "00"],
    ["bigint", types.bigint, 255n, "02ff"],
    ["bigint", types.bigint, -256n, "030001"],
    ["bigint", types.bigint, 2n ** 64n, "12000000000000000001"],
    ["date", types.date, new Date(1), "000000000000f03f"],
    ["int16Array", types.int16Array, Int16Array.of(1, -2), "020100feff"],
    ["set", types.set(types.int), new Set([3, -1, 2]), "03010406"],
    ["tuple", types.tuple(types.string, types.int), ["a", 1], "016102"],
    ["nullable", types.nullable(types.int), null, "00"],
    ["nullable", types.nullable(types.int), 0, "0100"],
  ])("%s", (_name, type, value, expected) => {
    expect(hex(type as AnyType, value)).toBe(expected);
    expect(decode(type as AnyType, Buffer.from(expected, "hex"))).toEqual(value);
  });
});

test("[TY2] NaN has one pattern in arrays, whatever its sign and payload", () => {
  const doubles = new Float64Array(new BigUint64Array([0xfff8_0000_0000_0001n, 0n]).buffer);
  expect(hex(types.float64Array, doubles)).toBe("02000000000000f87f0000000000000000");
  const floats = new Float32Array(new Uint32Array([0xffc0_0001, 0x8000_0000]).buffer);
  expect(hex(types.float32Array, floats)).toBe("020000c07f00000080");
  expect(doubles[0]).toBeNaN();
  expect(new BigUint64Array(doubles.buffer)[0]).toBe(0xfff8_0000_0000_0001n);
});

test("[KY1] [KY2] a key with NaN or -0 inside is one key, and -0 stays apart from 0", () => {
  const codec = createKeyCodec(types.tuple(types.double, types.string) as AnyType);
  const odd = new Float64Array(new BigUint64Array([0xfff8_0000_0000_0001n]).buffer)[0];
  expect(codec.identity([odd, "a"])).toBe(codec.identity([NaN, "a"]));
  expect(codec.hash([odd, "a"])).toBe(codec.hash([NaN, "a"]));
  expect(codec.identity([-0, "a"])).not.toBe(codec.identity([0, "a"]));
});

test("an array is written from where it lies within its buffer", () => {
  const whole = Int32Array.of(1, 2, 3, 4);
  const part = whole.subarray(1, 3);
  expect(decode(types.int32Array, encode(types.int32Array, part))).toEqual(Int32Array.of(2, 3));
  expect(types.int32Array.copy(part).buffer.byteLength).toBe(8);
});

describe("[TY4] values that are refused", () => {
  const refused = (type: unknown, value: unknown): string => {
    try {
      encode(type as AnyType, value);
      return "accepted";
    } catch (error) {
      expect(error).toBeInstanceOf(ValueTypeError);
      return (error as Error).message;
    }
  };

  test.each([
    [types.bigint, 1, "bigint: expected a bigint, but got number 1"],
    [types.date, new Date(NaN), "date: expected a Date, but got an invalid Date"],
    [types.date, 1, "date: expected a Date, but got number 1"],
    [types.float64Array, [1], "float64Array: expected a Float64Array, but got array of 1"],
    [
      types.int8Array,
      new Uint8Array(1),
      "expected an Int8Array, but got an instance of Uint8Array",
    ],
    [types.set(types.int), [1], "set<int>: expected a Set, but got array of 1"],
    [types.set(types.int), new Set(["a"]), "set<int>, at {member}: expected an int"],
    [types.nullable(types.int), undefined, "expected an int (an integer from"],
    [types.tuple(types.int), [1, 2], "tuple<int>: expected an array of 1, but got array of 2"],
    [types.tuple(types.int), { 0: 1 }, "tuple<int>: expected an array of 1, but got object"],
    [types.tuple(types.int, types.string), [1, 2], "at [1]: expected a string, but got number 2"],
  ])("%#", (type, value, message) => {
    expect(refused(type, value)).toContain(message);
  });

  test("members of a set that are equal as values are not written twice", () => {
    const type = types.set(types.list(types.int));
    expect(refused(type, new Set([[1], [2], [1]]))).toContain("two keys with the same bytes");
  });
});

describe("[TY3] bytes that no writer makes", () => {
  test.each([
    ["a padded bigint", types.bigint, "040100", "padded with a zero"],
    ["a date of half a millisecond", types.date, "000000000000e03f", "no time in milliseconds"],
    ["a date of -0", types.date, "0000000000000080", "no time in milliseconds"],
    ["a date beyond all dates", types.date, "0000000000004043".replace("4043", "4f43"), "no time"],
    ["an array longer than its bytes", types.int32Array, "0200000000", "2 elements, yet 4 bytes"],
    ["members of a set out of order", types.set(types.int), "020402", "members out of order"],
    ["a member of a set twice", types.set(types.int), "020202", "members out of order"],
    ["0 and -0 in a set", types.set(types.double), `02${"00".repeat(15)}80`, "of which 1 differ"],
    ["null or a value, or what", types.nullable(types.int), "02", "0 or 1 expected, not 2"],
  ])("%s", (_name, type, bytes, message) => {
    const read = (): unknown => decode(type as AnyType, Buffer.from(bytes, "hex"));
    expect(read).toThrow(DecodeError);
    expect(read).toThrow(message);
  });
});

describe("declarations", () => {
  test("types are inferred", () => {
    const pair = types.tuple(types.string, types.nullable(types.int));
    expectTypeOf<ValueOf<typeof pair>>().toEqualTypeOf<[string, number | null]>();
    const seen = types.set(types.bigint);
    expectTypeOf<ValueOf<typeof seen>>().toEqualTypeOf<Set<bigint>>();
  });

  test("ids spell the type out", () => {
    const type = types.tuple(types.set(types.bigint), types.nullable(types.float32Array));
    expect(type.id).toBe("tuple<set<bigint>,nullable<float32Array>>");
    expect(types.union("kind", { "a b": types.record({ x: types.date }), c: {} }).id).toBe(
      'union(kind){"a b":record{x:date},c:record{}}',
    );
  });

  test("a tuple without elements is refused", () => {
    expect(() => types.tuple()).toThrow("a tuple needs at least one element");
  });

  test("a field that is absent is undefined once it has travelled", () => {
    const type = types.record({ a: types.int, note: types.optional(types.string) });
    const absent = { a: 1 } as ValueOf<typeof type>;
    const read = decode(type, encode(type, absent));
    expect(Object.keys(read as object)).toEqual(["a", "note"]);
    expect(read).toStrictEqual({ a: 1, note: undefined });
    expect(type.copy(absent)).toStrictEqual({ a: 1, note: undefined });
  });
});
