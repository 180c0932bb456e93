/** What is planned and what is redistributed, as one: stored by so many subtasks, restored by so many. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteWriter } from "../core/bytes.ts";
import { asKeyGroup, asOperatorUid, asSubtaskIndex } from "../core/ids.ts";
import { rangeHolds, rangeOf } from "../state/key-groups.ts";
import type {
  OperatorSnapshot,
  OperatorStateSnapshot,
  SubtaskSnapshot,
} from "../state/operator-snapshot.ts";
import { restoredSnapshots, type WrittenSnapshot } from "../state/redistribution.ts";
import { planRestore, restoreErrorText } from "./restorer.ts";
import { checkpointOf, planOf } from "./restorer.fixture.ts";

const UID = "p-lists";
const KEYED = "count";

function bytesOf(text: string): Uint8Array {
  const out = new ByteWriter();
  out.string(text);
  return out.toBytes();
}
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes.subarray(1));

/** By subtask: which key groups have entries, which have timers, and how many elements it stored. */
type Content = Readonly<{ groups: readonly number[]; timers: readonly number[]; elements: number }>;

function snapshotOf(subtask: number, { groups, timers, elements }: Content): SubtaskSnapshot {
  const at = (what: string) => (keyGroup: number) => ({
    keyGroup: asKeyGroup(keyGroup),
    bytes: bytesOf(`${what}${keyGroup}`),
  });
  const texts = Array.from({ length: elements }, (_, i) => bytesOf(`${subtask}.${i}`));
  return {
    ended: false,
    operators: [
      {
        uid: asOperatorUid(UID),
        ...{ keyed: [], timers: [] },
        operatorState: [
          { name: "every", mode: "union", elements: texts },
          { name: "one", mode: "split", elements: texts },
          { name: "rules", mode: "broadcast", elements: [bytesOf("rules")] },
        ],
      },
      {
        uid: asOperatorUid(KEYED),
        keyed: groups.map(at("entry ")),
        timers: timers.map(at("timer ")),
        operatorState: [],
      },
    ],
  };
}

const cases = fc
  .record({ max: fc.integer({ min: 1, max: 24 }), seeds: fc.array(fc.nat(), { minLength: 3 }) })
  .chain(({ max }) =>
    fc.record({
      max: fc.constant(max),
      before: fc.integer({ min: 1, max: Math.min(6, max) }),
      now: fc.integer({ min: 1, max: Math.min(6, max) }),
      groups: fc.uniqueArray(fc.nat(max - 1)),
      timers: fc.uniqueArray(fc.nat(max - 1)),
      elements: fc.array(fc.nat(4), { minLength: 6, maxLength: 6 }),
    }),
  );

type Opened = Readonly<{ keyed: readonly OperatorSnapshot[]; lists: readonly OperatorSnapshot[] }>;

test("[RS2] [C53] [C58] [C59] [C60] [C61] every entry, timer and element is where it belongs, once", () => {
  const property = fc.property(cases, ({ max, before, now, groups, timers, elements }) => {
    const sorted = (all: readonly number[], subtask: number): number[] => {
      const range = rangeOf(asSubtaskIndex(subtask), before, max);
      return all.filter((group) => rangeHolds(range, group)).sort((a, b) => a - b);
    };
    const stored = Array.from({ length: before }, (_, subtask) =>
      snapshotOf(subtask, {
        groups: sorted(groups, subtask),
        timers: sorted(timers, subtask),
        elements: elements[subtask]!,
      }),
    );
    const shape = { uids: `${UID} ${KEYED}`, max };
    const union = Array.from({ length: before }, (_, subtask) => `0/${subtask}`).join(" ");
    const checkpoint = checkpointOf([{ ...shape, parallelism: before }], "", union);
    const planned = planRestore(checkpoint, planOf({ ...shape, parallelism: now }));
    if (!planned.ok) throw new Error(restoreErrorText(planned.error));
    const [vertex] = planned.value.vertices;
    const open = (subtask: number): Opened => {
      const written: WrittenSnapshot[] = vertex!.subtasks[subtask]!.handles.map((one) => ({
        ...one,
        snapshot: stored[one.subtask]!,
      }));
      const task = { subtask, parallelism: now, maxParallelism: max, ended: false };
      const operators = restoredSnapshots(written, task).flatMap((one) => one.operators);
      return {
        keyed: operators.filter(({ uid }) => uid === KEYED),
        lists: operators.filter(({ uid }) => uid === UID),
      };
    };
    const all = Array.from({ length: now }, (_, subtask) => open(subtask));
    expect(Array.from({ length: now }, (_, subtask) => open(subtask))).toEqual(all); // C53

    all.forEach(({ keyed }, subtask) => {
      const range = rangeOf(asSubtaskIndex(subtask), now, max);
      const inRange = (of: readonly number[]): number[] =>
        of.filter((group) => rangeHolds(range, group)).sort((a, b) => a - b);
      const found = (part: "keyed" | "timers"): string[] =>
        keyed.flatMap((operator) => operator[part].map(({ bytes }) => textOf(bytes)));
      expect(found("keyed")).toEqual(inRange(groups).map((group) => `entry ${group}`));
      expect(found("timers")).toEqual(inRange(timers).map((group) => `timer ${group}`));
    });

    const state = ({ lists }: Opened, name: string): OperatorStateSnapshot => {
      const found = lists.flatMap(({ operatorState }) =>
        operatorState.filter((s) => s.name === name),
      );
      expect(found).toHaveLength(1);
      return found[0]!;
    };
    const texts = (bytes: readonly Uint8Array[] | undefined): string[] =>
      (bytes ?? []).map(textOf).sort();
    const every = Array.from({ length: before }, (_, subtask) =>
      Array.from({ length: elements[subtask]! }, (_, i) => `${subtask}.${i}`),
    ).flat();
    const sortedAll = [...every].sort();
    const shares = all.map((opened) => state(opened, "one").elements);
    expect(texts(shares.flat())).toEqual(sortedAll);
    expect(texts(all.flatMap((opened) => state(opened, "every").elements))).toEqual(sortedAll);
    for (const opened of all) {
      expect(texts(state(opened, "every").everyone)).toEqual(sortedAll);
      expect(texts(state(opened, "rules").elements)).toEqual(["rules"]);
    }
    const counts = shares.map(({ length }) => length);
    if (before !== now) expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });
  fc.assert(property, { seed: 53, numRuns: 400 });
});
