/** Old bytes as new values: each kind of change, what is refused, and three generations. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader, DecodeError } from "../core/bytes.ts";
import { readerOf } from "./migration.ts";
import { types } from "./serializers.ts";
import type { TypeSerializer } from "./type.ts";
import { cases, decode, encode, familyOf, type AnyType } from "./types.fixture.ts";

/** The value that comes of `value`, written as `before` and read as `now`. */
const migrated = (before: unknown, now: unknown, value: unknown): unknown => {
  const read = readerOf((before as AnyType).id, now as AnyType);
  if (!read.ok) throw new Error(read.error);
  const result = decode({ read: read.value }, encode(before as AnyType, value));
  encode(now as AnyType, result); // MG2: it is a value of the new type
  return result;
};

const refusal = (before: unknown, now: unknown): string => {
  const read = readerOf((before as AnyType).id, now as AnyType);
  return read.ok ? "read" : read.error;
};

const { int, long, double, string, optional, nullable, record, list, map } = types;

describe("[MG1] [MG2] changes that keep every value", () => {
  test("[MG1] under the same id it is the plain read, whatever the type", () => {
    fc.assert(
      fc.property(cases, ({ type, value }) => {
        expect(migrated(type, type, value)).toEqual(value);
      }),
      { seed: 51, numRuns: 200 },
    );
  });

  const added = record(
    { a: int, b: optional(string), c: nullable(string), d: list(int) },
    {
      defaults: { d: [7] },
    },
  );
  const kindBefore = types.union("kind", { a: record({ x: int }), b: {} });
  const kindNow = types.union("kind", {
    b: record({ y: optional(int) }),
    c: {},
    a: record({ x: long }),
  });

  test.each<[string, unknown, unknown, unknown, unknown]>([
    ["int as long", int, long, -5, -5],
    ["int as double", int, double, 7, 7],
    ["long as double", long, double, 2 ** 51, 2 ** 51],
    ["plain as optional", int, optional(long), 3, 3],
    ["plain as nullable", string, nullable(string), "a", "a"],
    ["optional widened", optional(int), optional(double), undefined, undefined],
    ["nullable as optional nullable", nullable(int), optional(nullable(int)), null, null],
    ["fields added", record({ a: int }), added, { a: 1 }, { a: 1, b: undefined, c: null, d: [7] }],
    [
      "fields removed",
      record({ a: int, b: string, c: map(int, list(string)), d: int }),
      record({ d: int }),
      { a: 1, b: "x", c: new Map([[1, ["y"]]]), d: 4 },
      { d: 4 },
    ],
    [
      "fields reordered",
      record({ a: int, b: string }),
      record({ b: string, a: int }),
      { a: 1, b: "x" },
      { b: "x", a: 1 },
    ],
    [
      "a field renamed",
      record({ a: int, b: string }),
      record({ b: string, cents: long }, { renamed: { cents: "a" } }),
      { a: 1, b: "x" },
      { b: "x", cents: 1 },
    ],
    [
      "a field renamed twice since",
      record({ a: int }),
      record({ c: int }, { renamed: { c: ["b", "a"] } }),
      { a: 1 },
      { c: 1 },
    ],
    [
      "a name taken over by a new field",
      record({ a: int }),
      record({ a: optional(string), b: int }, { renamed: { b: "a" } }),
      { a: 1 },
      { a: undefined, b: 1 },
    ],
    [
      "names handed down",
      record({ a: int, c: string }),
      record({ b: int, a: string }, { renamed: { b: "a", a: "c" } }),
      { a: 1, c: "x" },
      { b: 1, a: "x" },
    ],
    ["a literal extended", types.literal("a", "b"), types.literal("c", "b", "a"), "b", "b"],
    [
      "a tuple extended",
      types.tuple(int, string),
      types.tuple(long, string, optional(int)),
      [1, "a"],
      [1, "a", undefined],
    ],
    [
      "deep inside",
      map(string, list(record({ a: optional(int) }))),
      map(string, list(record({ b: nullable(int), a: optional(double) }))),
      new Map([["k", [{ a: 1 }, { a: undefined }]]]),
      new Map([
        [
          "k",
          [
            { b: null, a: 1 },
            { b: null, a: undefined },
          ],
        ],
      ]),
    ],
    ["a member of a union", kindBefore, kindNow, { kind: "a", x: 1 }, { kind: "a", x: 1 }],
    ["another member", kindBefore, kindNow, { kind: "b" }, { kind: "b", y: undefined }],
  ])("%s", (_name, before, now, value, expected) => {
    expect(migrated(before, now, value)).toStrictEqual(expected);
  });

  test("[MG1] a removed field of any type is skipped to its last byte", () => {
    fc.assert(
      fc.property(cases, fc.integer(), ({ type, value }, n) => {
        const before = record({ first: int, gone: type, last: int });
        const read = migrated(before, record({ last: int }), { first: 1, gone: value, last: n });
        expect(read).toEqual({ last: n });
      }),
      { seed: 52, numRuns: 300 },
    );
  });

  test("[MG2] a default is made anew for each value, and belongs to nobody", () => {
    const now = record({ a: int, tags: list(string) }, { defaults: { tags: ["x"] } });
    const one = migrated(record({ a: int }), now, { a: 1 }) as { tags: string[] };
    one.tags.push("spoilt");
    expect(migrated(record({ a: int }), now, { a: 1 })).toEqual({ a: 1, tags: ["x"] });
  });

  test("the id holds neither defaults nor former names", () => {
    const plain = record({ a: int, b: int });
    expect(record({ a: int, b: int }, { defaults: { a: 1 }, renamed: { b: "c" } }).id).toBe(
      plain.id,
    );
  });
});

describe("[MG3] what is refused says where, and what to do", () => {
  test.each<[string, unknown, unknown, string]>([
    [
      "narrowing",
      record({ legs: list(record({ price: double })) }),
      record({ legs: list(record({ price: int })) }),
      'field "legs[].price": written as double, now int; numbers can be widened',
    ],
    [
      "another kind",
      record({ a: string }),
      record({ a: int }),
      'field "a": written as string, now int, which is another kind of value',
    ],
    ["optional made plain", optional(int), int, "written as optional<int>, now int"],
    ["optional made nullable", optional(int), nullable(int), "another kind of value"],
    ["from generic", types.generic(), string, "written as generic, now string"],
    ["to generic", string, types.generic(), "written as string, now generic"],
    [
      "keys of a map",
      map(int, int),
      map(long, int),
      "the keys of a map were int and are now long; keys keep their type",
    ],
    ["members of a set", types.set(int), types.set(long), "the members of a set were int"],
    [
      "a field added",
      record({ a: int }),
      record({ a: int, b: int }),
      'field "b": not in what was written, which has "a"; declare it as types.optional(...)',
    ],
    ["a literal shortened", types.literal("a", "b"), types.literal("b"), 'the literal had "a"'],
    [
      "a member of a union gone",
      types.union("k", { a: {}, b: {} }),
      types.union("k", { b: {} }),
      "<a>: a member of the union that is gone",
    ],
    [
      "another tag",
      types.union("k", { a: {} }),
      types.union("kind", { a: {} }),
      'told apart by "k", now by "kind"',
    ],
    ["a tuple shortened", types.tuple(int, int), types.tuple(int), "a tuple of 2 elements has 1"],
    [
      "a tuple extended",
      types.tuple(int),
      types.tuple(int, int),
      "[1]: a new element that must be there",
    ],
    [
      "names swapped",
      record({ a: int, b: int }),
      record({ a: int, b: int, c: optional(int) }, { renamed: { a: "b", b: "a" } }),
      'field "a": both it and "b", a former name of it, were written',
    ],
    [
      "a name given to another",
      record({ a: int, b: int }),
      record({ b: int }, { renamed: { b: "a" } }),
      'field "b": both it and "a"',
    ],
  ])("%s", (_name, before, now, message) => {
    expect(refusal(before, now)).toContain(message);
    expect(refusal(before, now)).toContain(
      `${(before as AnyType).id} cannot be read as ${(now as AnyType).id}: `,
    );
  });

  const custom = (id: string) =>
    types.custom<number>({
      id,
      immutable: true,
      write: (value, out) => out.u8(value),
      read: (input) => input.u8(),
      copy: (value) => value,
    });

  test("a custom type is read by itself alone, and cannot be skipped", () => {
    const before = record({ a: int, m: custom("m/1") });
    expect(migrated(before, record({ m: custom("m/1") }), { a: 1, m: 7 })).toEqual({ m: 7 });
    expect(refusal(before, record({ m: custom("m/2") }))).toContain('written as custom("m/1")');
    expect(refusal(before, record({ a: int }))).toContain(
      'field "m": is gone, but nobody else knows how long its custom("m/1") is; keep the field',
    );
  });

  test("everything that is wrong is said at once, and text that is no id as well", () => {
    const before = record({ a: string, b: string });
    const error = refusal(before, record({ a: int, b: int, c: int }));
    expect(error.match(/field "[abc]"/g)).toEqual(['field "a"', 'field "b"', 'field "c"']);
    const broken = readerOf("record{", record({ a: int }));
    expect(broken.ok ? "" : broken.error).toContain("is no id of a type");
  });

  test("old bytes that are broken are a DecodeError, cut anywhere", () => {
    const before = types.union("k", {
      a: record({ n: optional(int), s: types.literal("x", "y") }),
    });
    const now = types.union("k", {
      b: {},
      a: record({ n: optional(long), s: types.literal("y", "x") }),
    });
    const read = readerOf(before.id, now);
    if (!read.ok) throw new Error(read.error);
    for (const bytes of [[], [0], [0, 1], [0, 1, 2], [1], [0, 2], [0, 0, 2]]) {
      expect(() => read.value(new ByteReader(Uint8Array.from(bytes)))).toThrow(DecodeError);
    }
    expect(decode({ read: read.value }, Uint8Array.of(0, 1, 2, 1))).toEqual({
      k: "a",
      n: 1,
      s: "y",
    });
  });
});

describe("options of records that do not fit", () => {
  test.each([
    [
      "a default of another type",
      () => record({ a: int }, { defaults: { a: 0.5 } }),
      'the default of field "a": int: expected an int',
    ],
    [
      "a default of no field",
      () => record({ a: int }, { defaults: { b: 1 } as object }),
      'options name "b", which is no field of it',
    ],
    [
      "a former name of no field",
      () => record({ a: int }, { renamed: { b: "a" } as object }),
      'options name "b"',
    ],
    [
      "two heirs",
      () => record({ a: int, b: int }, { renamed: { a: "x", b: "x" } }),
      '"x" is a former name of "a" too',
    ],
    ["its own name", () => record({ a: int }, { renamed: { a: "a" } }), "its own former name"],
  ])("%s", (_name, declare, message) => {
    expect(declare).toThrow(message);
  });
});

/** One step of evolution: the type that comes of it, and what becomes of a value. */
type Generation = Readonly<{ type: AnyType; evolve: (value: Fields) => Fields }>;
type Fields = Readonly<Record<string, unknown>>;
type Field = Readonly<{ name: string; type: AnyType; fresh?: unknown; was?: string }>;

const generationOf = (fields: readonly Field[], before: readonly Field[]): Generation => {
  const names = new Set(before.map(({ name }) => name));
  const added = fields.filter(({ name, was }) => was === undefined && !names.has(name));
  const renamed = fields.filter(({ was }) => was !== undefined);
  return {
    type: record(Object.fromEntries(fields.map(({ name, type }) => [name, type])), {
      defaults: Object.fromEntries(added.map(({ name, fresh }) => [name, fresh])),
      renamed: Object.fromEntries(renamed.map(({ name, was }) => [name, was!])),
    }),
    evolve: (value) =>
      Object.fromEntries(
        fields.map(({ name, was, fresh }) => {
          if (was !== undefined) return [name, value[was]];
          return [name, names.has(name) ? value[name] : fresh];
        }),
      ),
  };
};

const widened = (type: AnyType): AnyType =>
  type.id === "int"
    ? (long as AnyType)
    : type.id === "long"
      ? (double as AnyType)
      : optionalOf(type);
const optionalOf = (type: AnyType): AnyType =>
  type.shape?.kind === "optional" ? type : (optional(type) as AnyType);

const start: readonly Field[] = ["a", "b", "c"].map((name) => ({ name, type: int as AnyType }));

/** Fields leave, come, change their name, grow wider, and change places. */
const evolution = (before: readonly Field[], generation: number): fc.Arbitrary<readonly Field[]> =>
  fc
    .record({
      fates: fc.array(fc.constantFrom("keep", "widen", "rename", "drop"), {
        minLength: before.length,
        maxLength: before.length,
      }),
      added: familyOf(1).chain(({ type, values }) => values.map((fresh) => ({ type, fresh }))),
      turn: fc.nat(5),
    })
    .map(({ fates, added, turn }) => {
      const kept = before.flatMap(({ name, type }, i): Field[] => {
        const fate = fates[i];
        if (fate === "drop") return [];
        if (fate === "rename") return [{ name: `${name}${generation}`, type, was: name }];
        return [{ name, type: fate === "widen" ? widened(type) : type }];
      });
      const fields = [...kept, { name: `new${generation}`, ...added }];
      return [...fields.slice(turn % fields.length), ...fields.slice(0, turn % fields.length)];
    });

test("[MG1] [MG2] [A47] three generations: read, written anew, and read again", () => {
  const histories = evolution(start, 2).chain((second) =>
    evolution(second, 3).map((third) => [second, third] as const),
  );
  const values = fc.record({ a: fc.integer(), b: fc.integer(), c: fc.integer() });
  fc.assert(
    fc.property(histories, values, ([secondFields, thirdFields], value) => {
      const first = generationOf(start, start);
      const second = generationOf(secondFields, start);
      const third = generationOf(thirdFields, secondFields);
      const asSecond = migrated(first.type, second.type, value) as Fields;
      expect(asSecond).toEqual(second.evolve(value));
      const asThird = migrated(second.type, third.type, asSecond);
      expect(asThird).toEqual(third.evolve(second.evolve(value)));
      // Bytes of one generation under the id of the next are what A47 leaves behind.
      expect(encode(second.type, asSecond)).toEqual(encode(second.type, second.evolve(value)));
    }),
    { seed: 53, numRuns: 250 },
  );
});

test("[MG2] what is read has the shape of what the type itself reads", () => {
  const now: TypeSerializer<unknown> = record({ b: optional(string), a: int }) as AnyType;
  const read = migrated(record({ a: int }), now, { a: 1 }) as object;
  expect(Object.keys(read)).toEqual(["b", "a"]);
});
