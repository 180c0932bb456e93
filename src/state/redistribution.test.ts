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
  type WrittenSnapshot,
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

  test("[C59] every element ends at exactly one subtask, and each share is in order", () => {
    const property = fc.property(shapes, ({ sizes, parallelism }) => {
      const all = listsOf(sizes).flat();
      const found = shares(listsOf(sizes), parallelism);
      expect(found.flat().sort()).toEqual([...all].sort());
      for (const share of found) expect(share).toEqual(all.filter((one) => share.includes(one)));
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

  test("[C100] [A33] where each stored one element, that of subtask k goes to k modulo the new", () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      (before, now) => {
        const found = shares(listsOf(Array<number>(before).fill(1)), now);
        for (const k of subtasks(before)) expect(found[k % now]).toContain(`${k}.0`);
      },
    );
    fc.assert(property, { seed: 100, numRuns: 200 });
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
      ["split a: 1", "union b: x (x y z)", "broadcast c: rules"],
      ["split a: 2", "union b: y (x y z)", "broadcast c: rules"],
      ["split a: ", "union b: z (x y z)", "broadcast c: rules"],
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
        const seen = all.map(textOf).sort();
        for (const parallelism of restores) {
          const next = subtasks(parallelism).map((i) => redistribute(states, i, parallelism));
          for (const [{ everyone }] of next as [OperatorStateSnapshot][]) {
            expect(everyone?.map(textOf).sort()).toEqual(seen);
          }
          states = next.map((found) => found.map(({ everyone: _, ...own }) => own));
        }
        const own = states.flat().flatMap(({ elements }) => elements.map(textOf));
        expect(own.sort()).toEqual(seen);
      },
    );
    fc.assert(property, { seed: 63, numRuns: 200 });
  });

  test("one name in two modes stays two states, for the operator to refuse", () => {
    const found = redistribute([[state("a", "split", [])], [state("a", "union", [])]], 0, 2);
    expect(found.map(line)).toEqual(["split a: ", "union a:  ()"]);
  });

  test("[RD3] they come in order of name and mode, each with its own, in whatever order they were stored", () => {
    const [split, union] = [state("a", "split", ["s"]), state("a", "union", ["u"])];
    const other = state("b", "split", ["o"]);
    const expected = ["split a: s", "union a: u (u)", "split b: o"];
    expect(redistribute([[other, union, split]], 0, 1).map(line)).toEqual(expected);
    expect(redistribute([[split, other, union]], 0, 1).map(line)).toEqual(expected);
    const late = [[other], [union], [split]];
    expect(redistribute(late, 0, 1).map(line)).toEqual(expected);
  });
});

describe("what a subtask opens with", () => {
  const MAX = 8;
  const keyed = (keyGroup: number) => ({ keyGroup: asKeyGroup(keyGroup), bytes: bytesOf("k") });
  const snapshotOf = (
    groups: readonly number[],
    subtask: number,
    ...uids: readonly string[]
  ): SubtaskSnapshot => ({
    ended: subtask === 1,
    operators: uids.map((uid) => ({
      uid: asOperatorUid(uid),
      keyed: groups.map(keyed),
      timers: groups.map(keyed),
      operatorState: [state("seen", "union", [`${uid}${subtask}`])],
    })),
  });
  const written = [0, 1].flatMap((subtask) => {
    const groups = subtask === 0 ? [0, 2, 3] : [4, 5, 7];
    const from = { subtask, parallelism: 2 };
    return [
      { vertex: 0, ...from, snapshot: snapshotOf(groups, subtask, "a", "b") },
      { vertex: 1, ...from, snapshot: snapshotOf(groups, subtask, "c") },
    ];
  });
  const opened = (subtask: number, parallelism: number, ended = false): string[] => {
    const task = { subtask, parallelism, maxParallelism: MAX, ended };
    const [snapshot, ...others] = restoredSnapshots(written, task);
    expect(others).toEqual([]);
    expect(snapshot?.ended).toBe(ended);
    return snapshot!.operators.map((operator) => {
      const groups = operator.keyed.map(({ keyGroup }) => keyGroup);
      expect(operator.timers.map(({ keyGroup }) => keyGroup)).toEqual(groups);
      return `${operator.uid} ${groups.join(" ")}; ${operator.operatorState.map(line).join()}`;
    });
  };

  test("[C60] is its own, but for the unions, each of its own operator", () => {
    expect(opened(1, 2, true)).toEqual([
      "a 4 5 7; union seen: a1 (a0 a1)",
      "b 4 5 7; union seen: b1 (b0 b1)",
      "c 4 5 7; union seen: c1 (c0 c1)",
    ]);
  });

  test("[RD2] [RD3] [C58] is what falls into its range, out of every file, lists only once", () => {
    expect(opened(1, 3)).toEqual([
      "a 3; union seen: a1 (a0 a1)",
      "a 4 5; ",
      "b 3; union seen: b1 (b0 b1)",
      "b 4 5; ",
      "c 3; union seen: c1 (c0 c1)",
      "c 4 5; ",
    ]);
    expect(opened(3, 4)[0]).toBe("a ; union seen:  (a0 a1)");
    expect(opened(3, 4)[1]).toBe("a 7; ");
    // Nothing of the second file is in the range, so there is no second part.
    expect(opened(0, 3).map((text) => text.slice(0, 6))).toEqual(["a 0 2;", "b 0 2;", "c 0 2;"]);
  });

  test("[C60] is no more than the unions of others, where it wrote nothing itself", () => {
    const task = { subtask: 1, parallelism: 2, maxParallelism: MAX, ended: false };
    const [snapshot] = restoredSnapshots(written.slice(0, 1), task);
    expect(snapshot?.operators[0]).toMatchObject({ uid: "a", keyed: [], timers: [] });
    expect(snapshot?.operators[0]?.operatorState.map(line)).toEqual(["union seen:  (a0)"]);
  });

  test("[RD2] [C58] [A19] a native snapshot stays whole, or is left out", () => {
    const native = (subtask: number, first: number, last: number): WrittenSnapshot => ({
      ...{ vertex: 0, subtask, parallelism: 2 },
      snapshot: {
        ended: false,
        operators: [
          {
            ...{ uid: asOperatorUid("a"), keyed: [], timers: [], operatorState: [] },
            native: { format: "f", range: { first, last }, manifest: bytesOf("m"), files: [] },
          },
        ],
      },
    });
    const files = [native(0, 0, 3), native(1, 4, 7)];
    const ranges = (subtask: number, parallelism: number): unknown[] =>
      restoredSnapshots(files, { subtask, parallelism, maxParallelism: MAX, ended: false })
        .flatMap(({ operators }) => operators)
        .flatMap((operator) =>
          operator.native === undefined ? [] : [operator.native.range.first],
        );
    expect([0, 1, 2].map((subtask) => ranges(subtask, 3))).toEqual([[0], [0, 4], [4]]);
    expect(ranges(0, 1)).toEqual([0, 4]);
    expect(subtasks(MAX).map((subtask) => ranges(subtask, MAX))).toEqual([
      ...[[0], [0], [0], [0]],
      ...[[4], [4], [4], [4]],
    ]);
  });

  test("[RD2] [C58] who stored a key group that was not its own is caught", () => {
    const from = { vertex: 0, subtask: 0, parallelism: 2 };
    const wrong = [{ ...from, snapshot: snapshotOf([4], 0, "a") }];
    const task = { subtask: 0, parallelism: 2, maxParallelism: MAX, ended: false };
    expect(() => restoredSnapshots(wrong, task)).toThrow(
      'RD2 "a", subtask 0 of 2: it stored key group 4, though 0 to 3 were its own',
    );
  });

  test("is nothing where nothing was written", () => {
    const task = { subtask: 0, parallelism: 2, maxParallelism: MAX, ended: false };
    expect(restoredSnapshots([], task)).toEqual([]);
  });
});
