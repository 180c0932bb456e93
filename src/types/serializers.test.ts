/** The laws TY1 to TY4 over types of any shape, drawn together with values of theirs. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";
import { types } from "./serializers.ts";
import type { TypeSerializer } from "./type.ts";
import {
  cases,
  decode,
  encode,
  entriesOf,
  familyOf,
  hasNaN,
  reversed,
  spoil,
  type AnyType,
  type Case,
} from "./types.fixture.ts";

const assertAll = (seed: number, law: (one: Case) => void, numRuns = 400): void =>
  fc.assert(fc.property(cases, law), { seed, numRuns });

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
