/** Key groups against their defining statements, over every job size that can be written. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvariantError } from "../core/assert.ts";
import { hashText } from "../core/hash.ts";
import { asKeyGroup, asSubtaskIndex } from "../core/ids.ts";
import { defaultMaxParallelism, keyGroupOf, rangeHolds, rangeOf, subtaskOf } from "./key-groups.ts";

const maxParallelism = fc.oneof(
  fc.integer({ min: 1, max: 300 }),
  fc.integer({ min: 1, max: 32_768 }),
);
/** Max parallelism M and parallelism p, with 1 <= p <= M. */
const sizes = maxParallelism.chain((max) =>
  fc.record({ max: fc.constant(max), parallelism: fc.integer({ min: 1, max }) }),
);

describe("key groups", () => {
  test("[C54] a key group is never negative and below max parallelism, for every code", () => {
    const property = fc.property(fc.integer(), maxParallelism, (code, max) => {
      const group = keyGroupOf(code, max);
      expect(Number.isInteger(group) && group >= 0 && group < max).toBe(true);
    });
    fc.assert(property, { seed: 54, numRuns: 2_000 });
    for (const code of [-2_147_483_648, -1, 0, 1, 2_147_483_647]) {
      expect(keyGroupOf(code, 128)).toBeGreaterThanOrEqual(0);
    }
  });

  test("[C57] the group of a key is a fixed number, whoever computes it", () => {
    const groups = ["whale", "", "ship", "Ahab"].map((key) => keyGroupOf(hashText(key), 128));
    expect(groups).toEqual([53, 94, 29, 67]);
  });

  test("[KG2] [C55] the range of a subtask is the set of groups it owns", () => {
    const property = fc.property(sizes, fc.nat(), ({ max, parallelism }, pick) => {
      const group = asKeyGroup(pick % max);
      const owner = subtaskOf(group, parallelism, max);
      expect(rangeHolds(rangeOf(owner, parallelism, max), group)).toBe(true);
      const subtask = asSubtaskIndex(pick % parallelism);
      const range = rangeOf(subtask, parallelism, max);
      expect(subtaskOf(asKeyGroup(range.first), parallelism, max)).toBe(subtask);
      expect(subtaskOf(asKeyGroup(range.last), parallelism, max)).toBe(subtask);
    });
    fc.assert(property, { seed: 55, numRuns: 5_000 });
  });

  test("[KG2] [C55] ranges follow one another without a gap, and differ by at most one in size", () => {
    for (let max = 1; max <= 40; max++) {
      for (let parallelism = 1; parallelism <= max; parallelism++) {
        let next = 0;
        for (let subtask = 0; subtask < parallelism; subtask++) {
          const range = rangeOf(asSubtaskIndex(subtask), parallelism, max);
          expect(range.first).toBe(next);
          const size = range.last - range.first + 1;
          expect(size).toBeGreaterThanOrEqual(Math.floor(max / parallelism));
          expect(size).toBeLessThanOrEqual(Math.ceil(max / parallelism));
          next = range.last + 1;
        }
        expect(next).toBe(max);
      }
    }
  });

  test.each([
    [1, 128],
    [85, 128],
    [86, 256],
    [170, 256],
    [171, 256],
    [172, 512],
    [21_845, 32_768],
    [32_768, 32_768],
  ])("[C56] parallelism %i has max parallelism %i by default", (parallelism, max) => {
    expect(defaultMaxParallelism(parallelism)).toBe(max);
  });

  test("[C56] parallelism beyond max parallelism is refused", () => {
    expect(() => rangeOf(asSubtaskIndex(0), 129, 128)).toThrow(InvariantError);
    expect(() => subtaskOf(asKeyGroup(0), 129, 128)).toThrow(/parallelism 129 .* 128/);
    expect(() => subtaskOf(asKeyGroup(128), 4, 128)).toThrow(/key group 128/);
    expect(() => defaultMaxParallelism(32_769)).toThrow(InvariantError);
  });

  test("a parallelism that is no count of subtasks, and a subtask that there is not, are refused", () => {
    for (const parallelism of [0, -1, 1.5, Number.NaN]) {
      expect(() => subtaskOf(asKeyGroup(0), parallelism, 128)).toThrow(/is not an integer from 1/);
    }
    expect(() => rangeOf(asSubtaskIndex(3), 4, 128)).not.toThrow();
    expect(() => rangeOf(asSubtaskIndex(4), 4, 128)).toThrow(
      "subtask 4 is not an integer from 0 to 3",
    );
  });
});
