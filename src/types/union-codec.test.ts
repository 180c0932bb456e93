/** Records told apart by a tag: inferred types, bytes, errors. Laws: serializers.test.ts. */
import { describe, expect, expectTypeOf, test } from "vitest";
import { DecodeError } from "../core/bytes.ts";
import { types } from "./serializers.ts";
import type { ValueOf } from "./type.ts";
import { decode, encode, type AnyType } from "./types.fixture.ts";

const change = types.union("kind", {
  deposit: types.record({ cents: types.long, by: types.optional(types.string) }),
  transfer: types.record({ cents: types.long, to: types.string }),
  closed: {},
});
type Change = ValueOf<typeof change>;

test("the type is inferred, and told apart by its tag", () => {
  expectTypeOf<Change>().toEqualTypeOf<
    | { kind: "deposit"; cents: number; by: string | undefined }
    | { kind: "transfer"; cents: number; to: string }
    | { kind: "closed" }
  >();
});

test("the index of the member, then its fields; the tag comes back first", () => {
  const hex = (value: Change): string => Buffer.from(encode(change, value)).toString("hex");
  expect(hex({ kind: "deposit", cents: 5, by: undefined })).toBe("000a00");
  expect(hex({ kind: "transfer", cents: -1, to: "b" })).toBe("01010162");
  expect(hex({ kind: "closed" })).toBe("02");
  const read = decode(change, encode(change, { to: "b", cents: -1, kind: "transfer" }));
  expect(Object.entries(read as object)).toEqual([
    ["kind", "transfer"],
    ["cents", -1],
    ["to", "b"],
  ]);
});

test("fields of other members neither travel nor are copied", () => {
  const mixed = { kind: "closed", cents: 1 } as Change;
  expect(decode(change, encode(change, mixed))).toEqual({ kind: "closed" });
  expect(change.copy(mixed)).toEqual({ kind: "closed" });
});

describe("[TY4] errors name the tag or the field", () => {
  test.each([
    [{ kind: "opened" }, `field "kind": expected one of "deposit", "transfer", "closed"`],
    [{ cents: 1 }, `field "kind": expected one of`],
    [null, "expected an object, but got null"],
    [{ kind: "transfer", cents: 0.5, to: "b" }, 'field "cents": expected a long'],
  ])("%j", (value, message) => {
    expect(() => encode(change as AnyType, value)).toThrow(`${change.id}`);
    expect(() => encode(change as AnyType, value)).toThrow(message);
  });
});

test("[TY3] a member that there is not", () => {
  expect(() => decode(change, Uint8Array.of(3))).toThrow(DecodeError);
  expect(() => decode(change, Uint8Array.of(3))).toThrow("no member 3");
});

test("tags and names are data: quotes, code and keywords among them", () => {
  const name = '"]; throw new Error("run"); //\u2028\n`${0}';
  const odd = types.union(name, { [name]: types.record({ class: types.int }), default: {} });
  for (const value of [{ [name]: name, class: 1 }, { [name]: "default" }]) {
    expect(decode(odd, encode(odd as AnyType, value))).toEqual(value);
    expect(odd.copy(value as never)).toEqual(value);
  }
});

describe("a declaration that cannot work says so", () => {
  test.each([
    ["no members", () => types.union("kind", {}), "at least one member"],
    ["a tag __proto__", () => types.union("__proto__", { a: {} }), "cannot be named __proto__"],
    [
      "a member that is no record",
      () => types.union("kind", { a: types.list(types.int) }),
      'member "a" is no record; declare it with types.record',
    ],
    [
      "a field named as the tag",
      () => types.union("kind", { a: types.record({ kind: types.string }) }),
      'member "a" has a field "kind" as well',
    ],
  ])("%s", (_name, declare, message) => {
    expect(declare).toThrow(message);
  });
});
