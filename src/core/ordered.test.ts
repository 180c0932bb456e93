/** Total orders, and iteration that does not show the order of arrival. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  compareByteRanges,
  compareBytes,
  compareNumbers,
  compareText,
  ordered,
} from "./ordered.ts";

test("the order of arrival leaves no trace", () => {
  const entries = fc.uniqueArray(fc.tuple(fc.string({ maxLength: 3 }), fc.integer()), {
    selector: ([key]) => key,
  });
  fc.assert(
    fc.property(entries, (list) => {
      expect(ordered(new Map([...list].reverse()))).toEqual(ordered(new Map(list)));
    }),
    { seed: 61, numRuns: 200 },
  );
});

test("text by code units, numbers by value, numbers before text", () => {
  const keys = (...list: (string | number)[]) =>
    ordered(new Map(list.map((key) => [key, 0]))).map(([key]) => key);
  expect(keys("b", "a", "B", "ä", "aa", "")).toEqual(["", "B", "a", "aa", "b", "ä"]);
  expect(keys(10, 9, -1, Infinity, 0.5)).toEqual([-1, 0.5, 9, 10, Infinity]);
  expect(keys("5", 10, "10", 9)).toEqual([9, 10, "10", "5"]);
  expect([compareText("a", "b"), compareText("b", "a"), compareText("a", "a")]).toEqual([-1, 1, 0]);
});

test("numbers have a total order, infinities and NaN included", () => {
  const number = fc.constantFrom(-Infinity, -1, -0, 0, 2, 10, Infinity, NaN);
  fc.assert(
    fc.property(number, number, number, (a, b, c) => {
      expect(compareNumbers(a, b)).toBe(0 - compareNumbers(b, a));
      if (compareNumbers(a, b) <= 0 && compareNumbers(b, c) <= 0) {
        expect(compareNumbers(a, c)).toBeLessThanOrEqual(0);
      }
    }),
    { seed: 63, numRuns: 500 },
  );
  expect(compareNumbers(2, 10)).toBe(-1);
  expect(compareNumbers(Infinity, Infinity)).toBe(0);
  expect(compareNumbers(NaN, Infinity)).toBe(1);
});

test("bytes are unsigned, and a prefix comes first", () => {
  const compare = (a: number[], b: number[]) =>
    compareBytes(Uint8Array.from(a), Uint8Array.from(b));
  expect(compare([0x80], [0x7f])).toBeGreaterThan(0);
  expect(compare([1, 2], [1, 2, 0])).toBeLessThan(0);
  expect(compare([], [])).toBe(0);
});

test("stretches of one array compare like views of them", () => {
  const bytes = fc.uint8Array({ max: 2, minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(12), { minLength: 4, maxLength: 4 }), (source, cuts) => {
      const [a0, a1, b0, b1] = cuts.map((cut) => cut % (source.length + 1)) as [
        number,
        number,
        number,
        number,
      ];
      const a = [Math.min(a0, a1), Math.max(a0, a1)] as const;
      const b = [Math.min(b0, b1), Math.max(b0, b1)] as const;
      expect(compareByteRanges(source, ...a, ...b)).toBe(
        compareBytes(source.subarray(...a), source.subarray(...b)),
      );
    }),
    { seed: 62, numRuns: 500 },
  );
});
