/** Hashes are part of the stored format: values known from Flink and Java. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { hashBytes, hashText, mix, murmurHash } from "./hash.ts";

test.each([
  [0, 593689054],
  [1, 68075478],
  [2, 1085422463],
  [42, 1134849565],
  [-1, 1982413648],
  [2 ** 31 - 1, 1653689534],
])("[C54] murmur hash of %d is Flink's", (code, expected) => {
  expect(murmurHash(code)).toBe(expected);
});

test('[C54] "user-42" of 128 key groups lies in group 20', () => {
  expect(murmurHash(hashText("user-42")) % 128).toBe(20);
});

test("[C54] a murmur hash is never negative", () => {
  fc.assert(
    fc.property(fc.integer(), (code) => {
      const hash = murmurHash(code);
      expect(hash).toBe(hash & 0x7fff_ffff);
    }),
    { seed: 41, numRuns: 2_000 },
  );
});

test("[C57] text hashes as in Java", () => {
  expect(hashText("")).toBe(0);
  expect(hashText("a")).toBe(97);
  expect(hashText("hello")).toBe(99162322);
  expect(hashText("polygenelubricants")).toBe(-(2 ** 31));
  expect(hashText("\u{1f600}")).toBe(1772899);
});

test("[C57] bytes hash as in Java, taken as unsigned", () => {
  expect(hashBytes(new Uint8Array(0))).toBe(1);
  expect(hashBytes(Uint8Array.of(1, 2, 3))).toBe(30817);
  expect(hashBytes(Uint8Array.of(255))).toBe(31 + 255);
  expect(hashBytes(Uint8Array.of(9, 1, 2, 3, 9), 1, 4)).toBe(30817);
});

test("a digest depends on every value, and on their order", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), fc.integer(), (start, a, b) => {
      const digest = (...values: number[]): number => values.reduce(mix, start);
      expect(digest(a)).toBe(digest(a) | 0);
      if (a === b) return;
      expect(digest(a)).not.toBe(digest(b)); // one step is a bijection of the value
    }),
    { seed: 42, numRuns: 2_000 },
  );
  expect([1, 2].reduce(mix, 0)).not.toBe([2, 1].reduce(mix, 0));
  expect([1, 2, 3].reduce(mix, 7)).toBe([1, 2, 3].reduce(mix, 7));
});
