import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { difference, prefixPerKey, rowText, withTexts } from "./rows.ts";

const sinks = (rows: Readonly<Record<string, readonly unknown[]>>) =>
  withTexts(new Map(Object.entries(rows)));

describe("rowText", () => {
  test("equal values have one text, however they were built", () => {
    expect(rowText({ b: 1, a: "x" })).toBe('{a: "x", b: 1}');
    expect(rowText({ a: 1, b: undefined })).toBe(rowText({ a: 1 }));
    expect(rowText(-0)).toBe(rowText(0));
    expect(rowText(new Map([["b", 1]]).set("a", 2))).toBe('map("a" => 2, "b" => 1)');
    expect(rowText(new Set([2, 1]))).toBe("set(1, 2)");
  });

  test("different values have different texts", () => {
    const values = [
      ...[null, undefined, true, "true", 1, "1", 1n, NaN, Infinity, [], [1], ["1"], [[1]], {}],
      ...[{ a: 1 }, { "a b": 1 }, { a: "1" }, { a: [1] }, new Date(1), new Uint8Array([1])],
      ...[new Map(), new Set(), [1, 2], ["1, 2"], { a: 1, b: 2 }, "{a: 1}"],
    ];
    expect(new Set(values.map(rowText)).size).toBe(values.length);
  });

  test("what cannot have been written is refused", () => {
    expect(() => rowText(() => 1)).toThrow(/function/);
  });

  test("a copy has the text of its original", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(rowText(structuredClone(value))).toBe(rowText(value));
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe("difference", () => {
  test("order does not matter, number does", () => {
    const expected = sinks({ out: ["a", "b", "b"] });
    expect(difference(expected, sinks({ out: ["b", "a", "b"] }))).toEqual({
      missing: 0,
      extra: 0,
      text: "",
    });
    expect(difference(expected, sinks({ out: ["b", "a", "a", "c"] }))).toEqual({
      missing: 1,
      extra: 2,
      text:
        'out: "a" expected 1, committed 2; out: "b" expected 2, committed 1; ' +
        'out: "c" expected 0, committed 1',
    });
  });

  test("a sink that one side lacks counts with all its rows", () => {
    const { missing, extra } = difference(sinks({ a: [1] }), sinks({ b: [1, 2] }));
    expect([missing, extra]).toEqual([1, 2]);
  });

  test("of many differing rows a few are shown", () => {
    const { text, missing } = difference(sinks({ out: [1, 2, 3, 4, 5] }), sinks({}));
    expect(missing).toBe(5);
    expect(text).toMatch(/out: 3 expected 1, committed 0; and 2 more$/);
  });
});

describe("prefixPerKey", () => {
  const first = (value: unknown): string => String(value).slice(0, 1);
  const expected = sinks({ out: ["a1", "b1", "a2", "a3", "b2"] });

  test("keys may interleave as they like", () => {
    const found = sinks({ out: ["b1", "b2", "a1", "a2"] });
    expect(prefixPerKey(expected, found, first)).toEqual({ rows: 4, keys: 2, wrong: undefined });
  });

  test("a row out of its key's order, and one too many, are named", () => {
    expect(prefixPerKey(expected, sinks({ out: ["b1", "a2"] }), first).wrong).toBe(
      'out: key a, row 0: expected "a1", committed "a2"',
    );
    expect(prefixPerKey(expected, sinks({ out: ["b1", "b2", "b2"] }), first).wrong).toBe(
      'out: key b, row 2: expected no further row, committed "b2"',
    );
  });
});
