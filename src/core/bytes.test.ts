/** Round trips of any sequence of values, truncation at every byte, and one encoding a value. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, DecodeError } from "./bytes.ts";
import { InvariantError } from "./assert.ts";

const written = (write: (out: ByteWriter) => void, capacity = 0): Uint8Array => {
  const out = new ByteWriter(capacity);
  write(out);
  return out.toBytes();
};
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const unhex = (text: string): ByteReader =>
  new ByteReader(Uint8Array.from(Buffer.from(text, "hex")));

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ maxLength: 400 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
    .map((units) => String.fromCharCode(...units)),
);

/** One call of the writer, and what the reader must answer. */
type Part = Readonly<{
  write: (out: ByteWriter) => void;
  read: (input: ByteReader) => unknown;
  value: unknown;
}>;
const parts: fc.Arbitrary<Part> = fc.oneof(
  fc
    .integer({ min: 0, max: 255 })
    .map((value): Part => ({ value, write: (out) => out.u8(value), read: (input) => input.u8() })),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((value): Part => ({
    value,
    write: (out) => out.u32(value),
    read: (input) => input.u32(),
  })),
  fc.double().map((value): Part => ({
    value,
    write: (out) => out.f64(value),
    read: (input) => input.f64(),
  })),
  fc.maxSafeNat().map((value): Part => ({
    value,
    write: (out) => out.varint(value),
    read: (input) => input.varint(),
  })),
  fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 }).map((value): Part => ({
    value,
    write: (out) => out.zigzag(value),
    read: (input) => input.zigzag(),
  })),
  anyText.map((value): Part => ({
    value,
    write: (out) => out.string(value),
    read: (input) => input.string(),
  })),
  fc.uint8Array({ maxLength: 200 }).map((value): Part => ({
    value,
    write: (out) => out.blob(value),
    read: (input) => input.blob(),
  })),
);

describe("any sequence of values", () => {
  const sequences = fc.array(parts, { maxLength: 12 });

  test("is read back as it was written, from a buffer that had to grow", () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        const input = new ByteReader(written((out) => sequence.forEach((part) => part.write(out))));
        for (const part of sequence) expect(part.read(input)).toEqual(part.value);
        expect(input.remaining).toBe(0);
      }),
      { seed: 31, numRuns: 500 },
    );
  });

  test("cut at any byte, ends in a DecodeError that says where", () => {
    fc.assert(
      fc.property(parts, (part) => {
        const bytes = written(part.write);
        for (let length = 0; length < bytes.length; length++) {
          const input = new ByteReader(bytes, 0, length);
          expect(() => part.read(input)).toThrow(DecodeError);
          expect(input.position).toBeLessThanOrEqual(length);
        }
      }),
      { seed: 32, numRuns: 300 },
    );
  });

  test("a writer that was reset writes like a new one", () => {
    fc.assert(
      fc.property(sequences, sequences, (first, second) => {
        const out = new ByteWriter();
        first.forEach((part) => part.write(out));
        out.reset();
        second.forEach((part) => part.write(out));
        expect(out.toBytes()).toEqual(written((fresh) => second.forEach((p) => p.write(fresh))));
      }),
      { seed: 33, numRuns: 200 },
    );
  });
});

describe("numbers", () => {
  const varints: [number, string][] = [
    [0, "00"],
    [127, "7f"],
    [128, "8001"],
    [300, "ac02"],
    [2 ** 28 - 1, "ffffff7f"],
    [2 ** 28, "8080808001"],
    [2 ** 31, "8080808008"],
    [2 ** 35, "808080808001"],
    [Number.MAX_SAFE_INTEGER, "ffffffffffffff0f"],
  ];
  test.each(varints)("varint of %d", (value, bytes) => {
    expect(hex(written((out) => out.varint(value)))).toBe(bytes);
    expect(unhex(bytes).varint()).toBe(value);
  });

  test("varint takes safe integers from 0, and nothing else", () => {
    for (const value of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
      expect(() => written((out) => out.varint(value))).toThrow(InvariantError);
    }
    expect(hex(written((out) => out.varint(-0)))).toBe("00");
  });

  test("one value has one varint: padded, too large and endless ones are refused", () => {
    expect(() => unhex("8000").varint()).toThrow("a padded varint, at byte 0");
    expect(() => unhex("ff808000").varint()).toThrow("a padded varint");
    expect(() => unhex("ffffffffffffff10").varint()).toThrow("above 2^53 - 1");
    expect(() => unhex("ffffffffffffffffff").varint()).toThrow("more than 8 bytes");
  });

  test("zigzag keeps small numbers of both signs small", () => {
    const encodings = [0, -1, 1, -2, 63, -64, 64].map((n) => hex(written((out) => out.zigzag(n))));
    expect(encodings).toEqual(["00", "01", "02", "03", "7e", "7f", "8001"]);
    for (const bound of [-(2 ** 52), 2 ** 52 - 1, -(2 ** 31), 2 ** 31 - 1, 2 ** 30, -(2 ** 30)]) {
      expect(new ByteReader(written((out) => out.zigzag(bound))).zigzag()).toBe(bound);
    }
    for (const beyond of [2 ** 52, -(2 ** 52) - 1]) {
      expect(() => written((out) => out.zigzag(beyond))).toThrow(InvariantError);
    }
  });

  test("NaN has one pattern, -0 keeps its sign", () => {
    const odd = new Float64Array(Uint8Array.of(1, 2, 3, 4, 5, 6, 0xf7, 0xff).buffer)[0]!;
    expect(hex(written((out) => out.f64(odd)))).toBe("000000000000f87f");
    expect(hex(written((out) => out.f64(-0)))).toBe("0000000000000080");
    expect(Object.is(unhex("0000000000000080").f64(), -0)).toBe(true);
  });
});

describe("text", () => {
  test("well-formed text is UTF-8", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        const expected = written((out) => out.blob(new TextEncoder().encode(text)));
        expect(written((out) => out.string(text))).toEqual(expected);
      }),
      { seed: 34, numRuns: 300 },
    );
  });

  test.each([0, 1, 7, 8, 9, 31, 32, 33, 127, 128, 129, 4_096, 20_000])("of %d letters", (count) => {
    for (const letter of ["x", "é", "語", "😀", "\ud800"]) {
      const text = letter.repeat(count);
      for (const value of [text, `${text}.`, `.${text}`]) {
        expect(new ByteReader(written((out) => out.string(value))).string()).toBe(value);
      }
    }
  });

  test("a byte order mark is text", () => {
    for (const text of ["\ufeff", `\ufeff${"x".repeat(100)}`]) {
      expect(new ByteReader(written((out) => out.string(text))).string()).toBe(text);
    }
  });

  test.each([
    ["a continuation alone", "0180"],
    ["a sequence cut short", "02e282"],
    ["a sequence of other bytes", "02c341"],
    ["an overlong slash", "02c0af"],
    ["an overlong sequence of three", "03e08080"],
    ["a code point above 0x10ffff", "04f4908080"],
    ["a byte that no sequence has", "01ff"],
    ["a surrogate pair as two sequences", "06eda080edb080"],
  ])("%s is refused", (_name, bytes) => {
    expect(() => unhex(bytes).string()).toThrow("a broken UTF-8 sequence, at byte 1");
  });

  test("a length beyond the end is refused before anything is read", () => {
    expect(() => unhex("0541").string()).toThrow("5 bytes expected, 1 left, at byte 1");
    expect(() => unhex("ffffffffffffff0f").blob()).toThrow(DecodeError);
  });
});

test("a reader stays within its bounds, and can be pointed elsewhere", () => {
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6);
  const input = new ByteReader(bytes, 1, 3);
  expect([input.u8(), input.u8(), input.remaining]).toEqual([2, 3, 0]);
  expect(() => input.u8()).toThrow("1 bytes expected, 0 left, at byte 3");
  input.over(bytes, 4, 6);
  expect([...input.raw(2)]).toEqual([5, 6]);
});

test("fill copies as many bytes as are left of its target, or none", () => {
  const input = new ByteReader(Uint8Array.of(1, 2, 3, 4), 1, 4);
  const target = Uint8Array.of(9, 0, 0);
  input.fill(target, 1);
  expect([[...target], input.position]).toEqual([[9, 2, 3], 3]);
  expect(() => input.fill(target, 1)).toThrow("2 bytes expected, 1 left, at byte 3");
  expect([[...target], input.position]).toEqual([[9, 2, 3], 3]);
});

test("raw writes a part of its source, short or long", () => {
  const source = Uint8Array.from({ length: 200 }, (_, i) => i);
  for (const [start, end] of [
    [0, 200],
    [3, 5],
    [10, 199],
    [7, 7],
  ] as const) {
    expect(written((out) => out.raw(source, start, end))).toEqual(source.slice(start, end));
  }
});
