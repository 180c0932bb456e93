import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asKeyGroup, asOperatorUid } from "../core/ids.ts";
import type { OperatorStateSnapshot, SubtaskSnapshot } from "./operator-snapshot.ts";
import {
  broadcastCopy,
  redistribute,
  restoredSnapshots,
  splitShare,
  unionOf,
} from "./redistribution.ts";

/** Every old parallelism, every new one, lists of every size; each element is one of its kind. */
const SIZES_MAX = 5;
const shapes = fc.record({
  sizes: fc.array(fc.nat(SIZES_MAX), { minLength: 1, maxLength: 8 }),
  parallelism: fc.integer({ min: 1, max: 8 }),
});
const listsOf = (sizes: readonly number[]): string[][] =>
  sizes.map((size, subtask) => Array.from({ length: size }, (_, i) => `${subtask}.${i}`));
const subtasks = (parallelism: number): number[] =>
  Array.from({ length: parallelism }, (_, i) => i);

describe("lists that are dealt out", () => {
  const shares = (stored: readonly (readonly string[])[], parallelism: number) =>
    subtasks(parallelism).map((subtask) => splitShare(stored, subtask, parallelism));

  test("[C59] every element ends at exactly one subtask, in order", () => {
    const property = fc.property(shapes, ({ sizes, parallelism }) => {
      const stored = listsOf(sizes);
      expect(shares(stored, parallelism).flat()).toEqual(stored.flat());
    });
    fc.assert(property, { seed: 59, numRuns: 500 });
  });

  test("[C59] after a rescaling counts differ by at most one", () => {
    const property = fc.property(shapes, ({ sizes, parallelism }) => {
      fc.pre(sizes.length !== parallelism);
      const counts = shares(listsOf(sizes), parallelism).map((share) => share.length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    });
    fc.assert(property, { seed: 60, numRuns: 500 });
  });

  test("[C59] with unchanged parallelism each subtask keeps its own, however uneven", () => {
    const property = fc.property(shapes, ({ sizes }) => {
      const stored = listsOf(sizes);
      expect(shares(stored, sizes.length)).toEqual(stored);
    });
    fc.assert(property, { seed: 61, numRuns: 200 });
  });

  test("a subtask that will not be is our own mistake", () => {
    expect(() => splitShare([[1]], 2, 2)).toThrow("subtask 2 is not an integer from 0 to 1");
  });
});

test("[C60] a union is all elements, in order of those who stored them", () => {
  expect(unionOf([["a", "b"], [], ["c"]])).toEqual(["a", "b", "c"]);
});

test("[C61] a new subtask takes the whole copy of an old one, and no copy is taken twice over", () => {
  const property = fc.property(shapes, ({ sizes, parallelism }) => {
    const stored = listsOf(sizes);
    for (const subtask of subtasks(parallelism)) {
      expect(broadcastCopy(stored, subtask)).toBe(stored[subtask % sizes.length]);
    }
  });
  fc.assert(property, { seed: 62, numRuns: 200 });
});

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const textOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
const state = (
  name: string,
  mode: OperatorStateSnapshot["mode"],
  elements: readonly string[],
): OperatorStateSnapshot => ({ name, mode, elements: elements.map(bytesOf) });

/** "split list: a b", and of a union "(a b c)" for what everyone sees. */
const line = ({ name, mode, elements, everyone }: OperatorStateSnapshot): string => {
  const seen = everyone === undefined ? "" : ` (${everyone.map(textOf).join(" ")})`;
  return `${mode} ${name}: ${elements.map(textOf).join(" ")}${seen}`;
};

describe("the states of one operator", () => {
  const stored = [
    [
      state("a", "split", ["1", "2"]),
      state("b", "union", ["x"]),
      state("c", "broadcast", ["rules"]),
    ],
    [state("b", "union", ["y", "z"]), state("c", "broadcast", ["rules"])],
  ];
  const at = (subtask: number, parallelism: number): string[] =>
    redistribute(stored, subtask, parallelism).map(line);

  test("[C59] [C60] [C61] with unchanged parallelism: its own, all, its own", () => {
    expect(at(0, 2)).toEqual(["split a: 1 2", "union b: x (x y z)", "broadcast c: rules"]);
    expect(at(1, 2)).toEqual(["split a: ", "union b: y z (x y z)", "broadcast c: rules"]);
  });

  test("[C59] [C60] [C61] scaled out, and scaled in", () => {
    expect([0, 1, 2].map((subtask) => at(subtask, 3))).toEqual([
      ["split a: ", "union b: x (x y z)", "broadcast c: rules"],
      ["split a: 1", "union b: y (x y z)", "broadcast c: rules"],
      ["split a: 2", "union b: z (x y z)", "broadcast c: rules"],
    ]);
    expect(at(0, 1)).toEqual(["split a: 1 2", "union b: x y z (x y z)", "broadcast c: rules"]);
  });

  test("[RD1] [C62] restored again and again, a union has the elements that it had", () => {
    const property = fc.property(
      fc.array(fc.array(fc.string(), { maxLength: 3 }), { minLength: 1, maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 5 }),
      (lists, restores) => {
        let states = lists.map((elements) => [state("u", "union", elements)]);
        const all = states.flat().flatMap(({ elements }) => elements);
        for (const parallelism of restores) {
          const next = subtasks(parallelism).map((i) => redistribute(states, i, parallelism));
          for (const [{ everyone }] of next as [OperatorStateSnapshot][]) {
            expect(everyone).toEqual(all);
          }
          states = next.map((found) => found.map(({ everyone: _, ...own }) => own));
        }
        expect(states.flat().flatMap(({ elements }) => elements)).toEqual(all);
      },
    );
    fc.assert(property, { seed: 63, numRuns: 200 });
  });

  test("one name in two modes stays two states, for the operator to refuse", () => {
    const found = redistribute([[state("a", "split", [])], [state("a", "union", [])]], 0, 2);
    expect(found.map(line)).toEqual(["split a: ", "union a:  ()"]);
  });
});

describe("what a subtask opens with", () => {
  const snapshotOf = (subtask: number, ...uids: readonly string[]): SubtaskSnapshot => ({
    ended: subtask === 1,
    operators: uids.map((uid) => ({
      uid: asOperatorUid(uid),
      keyed: [{ keyGroup: asKeyGroup(subtask), bytes: bytesOf("k") }],
      timers: [],
      operatorState: [state("seen", "union", [`${uid}${subtask}`])],
    })),
  });
  const written = [0, 1].flatMap((subtask) => [
    { subtask, snapshot: snapshotOf(subtask, "a", "b") },
    { subtask, snapshot: snapshotOf(subtask, "c") },
  ]);

  test("[C60] is its own, but for the unions, each of its own operator", () => {
    const restored = restoredSnapshots(written, 1, 2);
    expect(restored.map(({ ended }) => ended)).toEqual([true, true]);
    const operators = restored.flatMap((snapshot) => snapshot.operators);
    expect(operators.map(({ keyed }) => keyed[0]?.keyGroup)).toEqual([1, 1, 1]);
    expect(operators.map((o) => `${o.uid} ${o.operatorState.map(line).join()}`)).toEqual([
      "a union seen: a1 (a0 a1)",
      "b union seen: b1 (b0 b1)",
      "c union seen: c1 (c0 c1)",
    ]);
  });

  test("is nothing where nothing was written", () => {
    expect(restoredSnapshots([], 0, 2)).toEqual([]);
  });
});
