import { describe, expect, test } from "vitest";
import { checkpointsOverlap } from "../../scenarios/checkpoints-overlap.ts";
import { crashWhileAligning } from "../../scenarios/crash-while-aligning.ts";
import { crash, cutLink } from "../../scenarios/faults.ts";
import { storeUnavailable } from "../../scenarios/faults-storage.ts";
import { wordCount } from "../../scenarios/word-count.ts";
import { historyOf } from "../../properties/testing.ts";
import type { HandNote } from "../../properties/testing.ts";
import { faultHandlers } from "../faults/registry.ts";
import type { Fault } from "../plan.ts";
import { runScenario } from "../run.ts";
import { CELL_KINDS, cellOf, cellsOf, cellsOfKinds, partsOf } from "./cells.ts";
import { reachableCells, UNREACHABLE, whyUnreachable } from "./unreachable.ts";

const CRASH = crash({ when: "snapshot-taken" });
const strike = (fault: Fault, process = "tm-0"): HandNote => ({
  ...{ kind: "fault-injected", fault, process },
});
const of = (subtask: number, process: string, checkpointId = 1) => ({
  ...{ checkpointId, vertex: 0, subtask, process },
});
/** "crash aligning/aligning": the cells that a run reached. */
const namesOf = (notes: readonly HandNote[]): readonly string[] =>
  cellsOf(historyOf({ notes })).map((cell) => {
    const { kind, task, checkpoint } = partsOf(cell);
    return `${kind} ${task}/${checkpoint}`;
  });

const RUNS: readonly HandNote[] = [
  { kind: "job-deploying", region: 0, attempt: 1, checkpointId: 0 },
  { kind: "job-running", region: 0, attempt: 1 },
];
const TRIGGERED: readonly HandNote[] = [
  ...RUNS,
  { kind: "checkpoint-triggered", checkpointId: 1 },
  { kind: "alignment-started", ...of(0, "tm-0") },
  { kind: "alignment-started", ...of(1, "tm-1") },
];
const STORED: readonly HandNote[] = [
  ...TRIGGERED,
  { kind: "snapshot-taken", ...of(0, "tm-0") },
  { kind: "snapshot-taken", ...of(1, "tm-1") },
  { kind: "checkpoint-acknowledged", ...of(0, "tm-0") },
];

describe("cells", () => {
  test("[CV2] each has a number of its own, that leads back to it", () => {
    const all = cellsOfKinds(CELL_KINDS);
    expect(new Set(all).size).toBe(all.length);
    expect(all.map((cell) => cellOf(partsOf(cell)))).toEqual(all);
    expect(all[0]).toBe(0);
    expect(all.at(-1)).toBe(all.length - 1);
    expect(() => partsOf(all.length)).toThrow("CV2");
    expect([...CELL_KINDS].sort()).toEqual(Object.keys(faultHandlers).sort());
  });

  test("a fault of a process meets its tasks, and not those of others", () => {
    const notes = [...TRIGGERED, { kind: "snapshot-taken", ...of(0, "tm-0") } as const];
    expect(namesOf([...notes, strike(CRASH)])).toEqual(["crash storing/aligning"]);
    expect(namesOf([...notes, strike(CRASH, "tm-1")])).toEqual(["crash aligning/aligning"]);
  });

  test("one of a link meets both ends, one of a system outside all there is", () => {
    const notes = [...TRIGGERED, { kind: "snapshot-taken", ...of(0, "tm-0") } as const];
    const link = cutLink({ when: "snapshot-taken", to: "tm-1", forMs: 5 });
    expect(namesOf([...notes, strike(link)])).toEqual([
      "cut-link aligning/aligning",
      "cut-link storing/aligning",
    ]);
    const store = storeUnavailable({ when: "snapshot-taken", forMs: 5 });
    expect(namesOf([...notes, strike(store)])).toEqual([
      "store-unavailable aligning/aligning",
      "store-unavailable storing/aligning",
    ]);
  });

  test.each<[string, readonly HandNote[], string]>([
    ["before anything", [], "absent/none"],
    ["deploying", RUNS.slice(0, 1), "deploying/none"],
    [
      "restoring",
      [{ kind: "job-deploying", region: 0, attempt: 2, checkpointId: 4 }],
      "restoring/none",
    ],
    ["running", RUNS, "running/none"],
    ["partly stored", STORED, "running/partly-stored"],
    [
      "completing",
      [...STORED, { kind: "checkpoint-completing", checkpointId: 1 }],
      "running/completing",
    ],
    [
      "committing",
      [
        ...STORED,
        { kind: "transaction-pre-committed", checkpointId: 1, transaction: "t", process: "tm-0" },
        { kind: "checkpoint-completed", checkpointId: 1 },
      ],
      "committing/completed",
    ],
    [
      "aborted",
      [...STORED, { kind: "checkpoint-aborted", checkpointId: 1, why: "expired" }],
      "running/aborted",
    ],
    [
      "failing",
      [...STORED, { kind: "task-failed", vertex: 0, subtask: 0, attempt: 1, why: "x", process: "tm-0" }],
      "failing/partly-stored",
    ],
    [
      "ended",
      [...RUNS, { kind: "task-ended", vertex: 0, subtask: 0, process: "tm-0" }],
      "ended/none",
    ],
    ["a new leader", [...TRIGGERED, { kind: "leader-elected", epoch: 2 }], "aligning/none"],
  ])("%s", (_what, notes, expected) => {
    expect(namesOf([...notes, strike(CRASH)])).toContain(`crash ${expected}`);
  });

  test("sources store before anybody aligns, and the checkpoint aligns until a task has stored", () => {
    const begun = [...RUNS, { kind: "checkpoint-triggered", checkpointId: 1 } as const];
    const stored = [...begun, { kind: "snapshot-taken", ...of(0, "tm-0") } as const];
    const aligns = [...stored, { kind: "alignment-started", ...of(1, "tm-1") } as const];
    const phasesOf = (notes: readonly HandNote[]) => namesOf([...notes, strike(CRASH, "tm-0")]);
    expect(phasesOf(stored)).toEqual(["crash storing/storing"]);
    expect(phasesOf(aligns)).toEqual(["crash storing/aligning"]);
    expect(phasesOf([...aligns, { kind: "checkpoint-acknowledged", ...of(0, "tm-0") }])).toEqual([
      "crash running/partly-stored",
    ]);
  });

  test("an older checkpoint does not move the phase of the newest", () => {
    const notes = [...STORED, { kind: "checkpoint-triggered", checkpointId: 2 } as const];
    const old: HandNote = { kind: "checkpoint-acknowledged", ...of(1, "tm-1") };
    expect(namesOf([...notes, old, strike(CRASH)])).toEqual(["crash running/triggered"]);
  });

  test("[CV1] a run gives the same ones again, and none without faults", () => {
    const seed = "0x5";
    const [first, second] = [1, 2].map(() => runScenario({ scenario: crashWhileAligning, seed }));
    expect(cellsOf(first!.history)).toEqual(cellsOf(second!.history));
    expect(cellsOf(first!.history).length).toBeGreaterThan(1);
    const calm = runScenario({ scenario: crashWhileAligning, seed, withoutFaults: true });
    expect(cellsOf(calm.history)).toEqual([]);
  });
});

describe("cells that nothing can reach", () => {
  test("have a reason each, and it takes out what it says and no more", () => {
    expect(whyUnreachable({ kind: "crash", task: "aligning", checkpoint: "aligning" })).toBe(
      undefined,
    );
    for (const { why } of UNREACHABLE) expect(why).toMatch(/^[A-Z].{30,}\.$/);
    const cells = reachableCells(["crash", "pause"]);
    expect(cells.length).toBeLessThan(cellsOfKinds(["crash", "pause"]).length);
    expect(cells.filter((cell) => partsOf(cell).task === "restoring").map(partsOf)).toEqual([
      { kind: "crash", task: "restoring", checkpoint: "none" },
      { kind: "pause", task: "restoring", checkpoint: "none" },
    ]);
  });

  test.each([checkpointsOverlap, crashWhileAligning, wordCount])(
    "are not reached: $name",
    (scenario) => {
      const seeds = Array.from({ length: 12 }, (_, i) => `0x${(i + 1).toString(16)}`);
      const cells = seeds.flatMap((seed) => cellsOf(runScenario({ scenario, seed }).history));
      const wrong = cells.map(partsOf).filter((parts) => whyUnreachable(parts) !== undefined);
      expect(wrong).toEqual([]);
      expect(new Set(cells).size).toBeGreaterThan(10);
    },
  );
});
