/** Generated code: inferred types, bytes, odd field names, errors. Laws: serializers.test.ts. */
import { describe, expect, expectTypeOf, test } from "vitest";
import { ByteReader, ByteWriter } from "../core/bytes.ts";
import { types } from "./serializers.ts";
import type { ValueOf } from "./type.ts";
import { ValueTypeError } from "./value-error.ts";

const trade = types.record({
  symbol: types.string,
  price: types.double,
  at: types.long,
  legs: types.list(types.record({ size: types.int, open: types.boolean })),
});
type Trade = ValueOf<typeof trade>;
const example: Trade = { symbol: "AAPL", price: 1.5, at: 7, legs: [{ size: -1, open: true }] };

const roundTrip = (value: Trade): Trade => {
  const out = new ByteWriter();
  trade.write(value, out);
  return trade.read(new ByteReader(out.toBytes()));
};
const errorOf = (value: unknown): unknown => {
  try {
    trade.write(value as Trade, new ByteWriter());
    return undefined;
  } catch (error) {
    return error;
  }
};

describe("generated code", () => {
  test("the type is inferred, nested ones too", () => {
    expectTypeOf<Trade>().toEqualTypeOf<{
      symbol: string;
      price: number;
      at: number;
      legs: { size: number; open: boolean }[];
    }>();
    const optional = types.record({ note: types.optional(types.string) });
    expectTypeOf<ValueOf<typeof optional>>().toEqualTypeOf<{ note: string | undefined }>();
    const side = types.record({ side: types.literal("buy", "sell") });
    expectTypeOf<ValueOf<typeof side>>().toEqualTypeOf<{ side: "buy" | "sell" }>();
  });

  test("values only, in declared order, whatever the order of the properties", () => {
    const out = new ByteWriter();
    const { legs, at, price, symbol } = example;
    trade.write({ legs, at, price, symbol }, out);
    const hex = Buffer.from(out.toBytes()).toString("hex");
    expect(hex).toBe("044141504c" + "000000000000f83f" + "0e" + "01" + "0101");
    expect(Object.keys(trade.read(new ByteReader(out.toBytes())))).toEqual(Object.keys(example));
  });

  test("properties that were not declared neither travel nor are copied", () => {
    const extra = { ...example, secret: 1 };
    expect(roundTrip(extra)).toEqual(example);
    expect(trade.copy(extra)).toEqual(example);
  });

  test("a copy shares no mutable part", () => {
    const copy = trade.copy(example);
    expect(copy).toEqual(example);
    expect(copy.legs).not.toBe(example.legs);
    expect(copy.legs[0]).not.toBe(example.legs[0]);
  });

  test("field names are data: quotes, code and keywords among them", () => {
    const name = '"]; throw new Error("run"); //\u2028\n`${0}';
    const odd = types.record({ [name]: types.int, class: types.int, "": types.int });
    const value = { [name]: 1, class: 2, "": 3 };
    const out = new ByteWriter();
    odd.write(value, out);
    expect(odd.read(new ByteReader(out.toBytes()))).toEqual(value);
    expect(odd.copy(value)).toEqual(value);
  });

  test("a field named __proto__ is refused when it is declared", () => {
    expect(() => types.record({ ["__proto__"]: types.int })).toThrow("cannot be named __proto__");
  });
});

describe("[TY4] errors name record, field, expected and actual", () => {
  test("a field is missing", () => {
    const { price: _price, ...rest } = example;
    expect(errorOf(rest)).toMatchObject({
      message: `${trade.id}, field "price": expected a double (any number), but got undefined`,
      typeId: trade.id,
      path: ".price",
      expected: "a double (any number)",
      actual: "undefined",
    });
  });

  test("a field of another type, in a record within a list", () => {
    const legs = [...example.legs, { size: 2 ** 40, open: true }];
    const error = errorOf({ ...example, legs });
    expect(error).toBeInstanceOf(ValueTypeError);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ typeId: trade.id, path: ".legs[1].size" });
    expect(String(error)).toContain("but got number 1099511627776");
  });

  test.each([
    ["undefined", undefined],
    ["null", null],
    ['string "AAPL"', "AAPL"],
    ['a function "trade"', function trade() {}],
    ["a symbol", Symbol("trade")],
    ["bigint 7n", 7n],
  ])("no record at all: %s", (actual, value) => {
    expect(errorOf(value)).toMatchObject({ path: "", expected: "an object", actual });
  });
});
