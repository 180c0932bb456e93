/** A user's serializer at work, and every way in which one can break the laws. */
import { describe, expect, test } from "vitest";
import type { ByteReader, ByteWriter } from "../core/bytes.ts";
import { checkSerializer, type CustomType } from "./custom-type.ts";
import { types } from "./serializers.ts";
import { decode, encode, type Case } from "./types.fixture.ts";
import { cases } from "./types.fixture.ts";
import fc from "fast-check";

class Money {
  readonly tags: string[];
  cents: number;
  constructor(cents: number, tags: string[]) {
    this.cents = cents;
    this.tags = tags;
  }
}

const money: CustomType<Money> = {
  id: "money/v1",
  immutable: false,
  write(value, out) {
    out.zigzag(value.cents);
    out.varint(value.tags.length);
    for (const tag of value.tags) out.string(tag);
  },
  read(input) {
    const cents = input.zigzag();
    return new Money(
      cents,
      Array.from({ length: input.varint() }, () => input.string()),
    );
  },
  copy: (value) => new Money(value.cents, [...value.tags]),
};
const example = new Money(-5, ["a", "b"]);

test("a sound one passes its own examples, and works inside other types", () => {
  const type = types.list(types.custom({ ...money, examples: [example, new Money(0, [])] }));
  expect(type.id).toBe('list<custom("money/v1")>');
  expect(decode(type, encode(type, [example]))).toEqual([example]);
  expect(type.copy([example])[0]).not.toBe(example);
});

test("every type of the engine keeps the laws that it asks of others", () => {
  fc.assert(
    fc.property(cases, ({ type, value }: Case) => {
      const isEmpty = encode(type, value).length === 0;
      if (!isEmpty) checkSerializer(type, value);
    }),
    { seed: 31, numRuns: 300 },
  );
});

describe("[CT1] an example that breaks a law names the serializer and what it does", () => {
  const shortRead = (input: ByteReader): Money => new Money(input.zigzag(), []);
  const longRead = (input: ByteReader): Money => {
    const value = money.read(input);
    input.u8();
    return value;
  };
  let calls = 0;
  const unsteady = (_value: Money, out: ByteWriter): void => out.varint(calls++);
  const view = (input: ByteReader): { bytes: Uint8Array } => ({ bytes: input.blob() });

  test.each<[string, Partial<CustomType<Money>>, string]>([
    ["reads less", { read: shortRead }, "reads 1 bytes of the 6 that it wrote"],
    ["reads more", { read: longRead }, "reads 7 bytes of the 6 that it wrote"],
    ["writes nothing", { write: () => undefined }, "writes no bytes"],
    ["writes by chance", { write: unsteady }, "writes the same value in two ways"],
    [
      "reads another value",
      { read: (input) => new Money(money.read(input).cents + 1, ["a", "b"]) },
      "reads another value than it wrote",
    ],
    [
      "throws",
      { read: (input) => (money.read(input), input.raw(1_000), example) },
      "cannot read what it wrote: 1000 bytes expected, 64 left",
    ],
    [
      "copies another value",
      { copy: (value) => new Money(1, [...value.tags]) },
      "copies a value into another one",
    ],
    ["does not copy", { copy: (value) => value }, "shares the value itself with its source"],
    [
      "copies half of it",
      { copy: (value) => new Money(value.cents, value.tags) },
      'gives a copy that shares ".tags" with its source; copy that, too',
    ],
    [
      "is not immutable",
      { immutable: true, copy: (value) => value },
      "says that its values are immutable, yet the value itself can be changed",
    ],
  ])("%s", (_name, change, message) => {
    const declare = () => types.custom({ ...money, ...change, examples: [example] });
    expect(declare).toThrow(TypeError);
    expect(declare).toThrow('the serializer custom("money/v1") ');
    expect(declare).toThrow(message);
  });

  test("keeps the buffer", () => {
    const held: CustomType<{ bytes: Uint8Array }> = {
      id: "held",
      immutable: false,
      write: ({ bytes }, out) => out.blob(bytes),
      read: view,
      copy: ({ bytes }) => ({ bytes: bytes.slice() }),
      examples: [{ bytes: Uint8Array.of(1, 2) }],
    };
    expect(() => types.custom(held)).toThrow("keeps hold of the buffer that it reads from");
  });

  test("an immutable value may be frozen all through, and shared", () => {
    const frozen: CustomType<Readonly<{ at: readonly number[] }>> = {
      id: "frozen",
      immutable: true,
      write: ({ at }, out) => out.varint(at[0]!),
      read: (input) => Object.freeze({ at: Object.freeze([input.varint()]) }),
      copy: (value) => value,
    };
    const good = Object.freeze({ at: Object.freeze([7]) });
    expect(types.custom({ ...frozen, examples: [good] }).immutable).toBe(true);
    const bad = Object.freeze({ at: [7] });
    expect(() => types.custom({ ...frozen, examples: [bad] })).toThrow('".at" can be changed');
  });

  test("an empty id", () => {
    expect(() => types.custom({ ...money, id: "" })).toThrow("its id is empty");
  });
});
