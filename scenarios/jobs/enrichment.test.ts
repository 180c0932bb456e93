/** What the jobs over numbered lines put out, worked out by hand, and found by the oracle. */
import { describe, expect, test } from "vitest";
import type { LogicalGraph } from "../../src/index.ts";
import { referenceOutput } from "../../properties/index.ts";
import type { InputRecord } from "../../sim/history.ts";
import { enrichment, orderOf, patientEnrichment, syllablesOf } from "./enrichment.ts";
import { preAggregation } from "./pre-aggregation.ts";
import { windowEndOf } from "./windowed-sum.ts";

const line = (number: number, text: string, atMs: number): InputRecord => ({
  value: { line: number, atMs, text },
  timestampMs: atMs,
  availableAtMs: 0,
});

/** Two lines of one window, one of the next. */
const LINES = [[line(0, "Call me Ishmael", 10), line(2, "me", 1_000)], [line(1, "Me", 999)]];

const output = (job: LogicalGraph) =>
  Object.fromEntries(referenceOutput(job, new Map([["lines", LINES]])));

test.each([
  ["whale", 2],
  ["rhythm", 1],
  ["hm", 1],
  ["ishmael", 2],
])("%s has %d groups of vowels, or none that count", (word, count) => {
  expect(syllablesOf(word)).toBe(count);
});

test("a window ends with the millisecond before the next", () => {
  expect([0, 999, 1_000].map(windowEndOf)).toEqual([999, 999, 1_999]);
});

describe("enrichment", () => {
  const annotated = [
    { line: 0, position: 0, word: "call", syllables: 1 },
    { line: 0, position: 1, word: "me", syllables: 1 },
    { line: 0, position: 2, word: "ishmael", syllables: 2 },
    { line: 1, position: 0, word: "me", syllables: 1 },
    { line: 2, position: 0, word: "me", syllables: 1 },
  ];

  test("tells each word with its syllables, and counts words of each length by window", () => {
    expect(output(enrichment())).toEqual({
      annotated,
      rhythm: [
        { name: "1 syllables", endMs: 999, sum: 3 },
        { name: "2 syllables", endMs: 999, sum: 1 },
        { name: "1 syllables", endMs: 1_999, sum: 1 },
      ],
    });
  });

  test("no service is ever asked in vain, in the end", () => {
    expect(output(patientEnrichment(100))).toEqual({ annotated });
  });

  test("rows of a line have an order, and so have rows of a name", () => {
    expect(annotated.map(orderOf)).toEqual(["line 0", "line 0", "line 0", "line 1", "line 2"]);
    expect(orderOf({ name: "1 syllables", endMs: 999, sum: 3 })).toBe("name 1 syllables");
  });
});

test("pre-aggregation counts words by window, however they are bundled", () => {
  expect(output(preAggregation())).toEqual({
    counts: [
      { name: "me", endMs: 999, sum: 2 },
      { name: "call", endMs: 999, sum: 1 },
      { name: "ishmael", endMs: 999, sum: 1 },
      { name: "me", endMs: 1_999, sum: 1 },
    ],
  });
});
