import { describe, expect, test } from "vitest";
import { wordCount } from "../scenarios/word-count.ts";
import { exactlyOnceOutput } from "../properties/exactly-once.ts";
import { jobFinishes } from "../properties/liveness.ts";
import { drawPlan, runScenario, withoutFaults } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import type { Property } from "./verdict.ts";

const SEED = "0x7";
const short: Scenario = { ...wordCount, quietAfterMs: 4_000 };

const counted: Property = {
  id: "counted",
  rule: "A rule sees the history of the run.",
  check: (history) => ({ verdict: "holds", evidence: { notes: history.notes.length } }),
};
const judgedBy = (...properties: readonly Property[]): Scenario => ({ ...short, properties });

describe("one seed", () => {
  test("[C127] played twice gives the same digest, notes and rows; another seed does not", () => {
    const scenario = judgedBy(counted);
    const [first, second] = [1, 2].map(() => runScenario({ scenario, seed: SEED }).history);
    expect(second!.digest).toBe(first!.digest);
    expect(second!.notes).toEqual(first!.notes);
    expect(second!.committed).toEqual(first!.committed);
    expect(first!.digest).toMatch(/^[0-9a-f]{16}$/);
    expect(runScenario({ scenario, seed: "0x8" }).history.digest).not.toBe(first!.digest);
  });

  test("[C127] recorded, it is the same run, with a line for every event and note", () => {
    const scenario = judgedBy(counted);
    const plain = runScenario({ scenario, seed: SEED });
    const recorded = runScenario({ scenario, seed: SEED, record: true });
    expect(plain.trace).toBeUndefined();
    expect(recorded.history.digest).toBe(plain.history.digest);
    const { events } = recorded.history.stats;
    expect(recorded.trace).toHaveLength(events + recorded.history.notes.length);
    expect(recorded.trace?.find((line) => line.includes("job-running"))).toMatch(
      /^\d+ jm job-running region=\d+ attempt=\d+$/,
    );
  });

  test("is judged by the rules of its scenario, each under its id", () => {
    const { verdicts, history } = runScenario({ scenario: judgedBy(counted), seed: SEED });
    expect(verdicts).toEqual([
      {
        id: "counted",
        rule: "A rule sees the history of the run.",
        verdict: "holds",
        evidence: { notes: history.notes.length },
      },
    ]);
  });

  test("with a given plan plays that plan", () => {
    const plan = { ...drawPlan(short, SEED), faults: [], keep: { lines: [[0, 1]] } };
    const { history } = runScenario({ scenario: judgedBy(counted), seed: SEED, plan });
    expect(history.plan).toBe(plan);
    const records = [...history.input.values()].flatMap((partitions) => [...partitions]);
    expect(records.map((partition) => partition.length)).toEqual([
      2,
      ...records.slice(1).map(() => 0),
    ]);
    expect(history.stats.faults).toEqual({});
  });
});

describe("twins", () => {
  test("run again on demand: the second digest stands beside the first", () => {
    const { history } = runScenario({ scenario: judgedBy(counted), seed: SEED, again: true });
    expect(history.digestAgain).toBe(history.digest);
    expect(history.committedWithoutFaults).toBeUndefined();
  });

  test("[C125] without faults, on demand: as many rows as with them", () => {
    const request = { scenario: judgedBy(counted), seed: SEED, compareWithoutFaults: true };
    const { history } = runScenario(request);
    const rows = (committed: typeof history.committed | undefined): number | undefined =>
      committed?.get("counts")?.length;
    expect(rows(history.committed)).toBeGreaterThan(0);
    expect(rows(history.committedWithoutFaults)).toBe(rows(history.committed));
  });

  test("without faults nothing strikes, is lost, doubled or times out; latencies stay", () => {
    const plan = drawPlan(short, SEED);
    const calm = withoutFaults(plan);
    expect(calm.faults).toEqual([]);
    expect(calm.options.control).toMatchObject({ lossPerMille: 0, duplicatePerMille: 0 });
    expect(calm.options.store).toEqual({ ...plan.options.store, timeoutPerMille: 0 });
    expect(calm.options.network).toEqual(plan.options.network);
    const request = { scenario: judgedBy(counted), seed: SEED, withoutFaults: true };
    const { history } = runScenario(request);
    expect([history.outcome, history.stats.faults]).toEqual(["finished", {}]);
    expect(history.count("fault-injected")).toBe(0);
  });
});

describe("afterlives", () => {
  const starts: Property = {
    id: "starts",
    rule: "A checkpoint with an odd id is never gone on from.",
    check: ({ notes }) => {
      const restored = notes.findLast(({ kind }) => kind === "job-restored");
      const id = restored?.kind === "job-restored" ? restored.checkpointId : 0;
      if (id % 2 === 0) return { verdict: "holds", evidence: { id } };
      return { verdict: "violated", detail: `restored from ${id}` };
    },
  };
  const scenario: Scenario = { ...short, properties: [exactlyOnceOutput(), jobFinishes, starts] };
  const request = { scenario, seed: SEED, withoutFaults: true };

  test("[PY1] [C125] the output is whole from each checkpoint on, though all processes and disks are new", () => {
    const plain = runScenario(request);
    const every = runScenario({ ...request, everyCheckpoint: true });
    expect(plain.afterlives).toBe(0);
    expect(every.afterlives).toBe(every.history.count("checkpoint-completed"));
    expect(every.afterlives).toBeGreaterThan(3);
    expect(every.history.digest).toBe(plain.history.digest);
    expect(every.verdicts.slice(0, 2).map(({ verdict }) => verdict)).toEqual(["vacuous", "holds"]);
  });

  test("[AV1] a rule that is violated there is violated, and the first place is named", () => {
    const plan = { ...drawPlan(scenario, SEED), everyCheckpoint: true };
    const { verdicts, history } = runScenario({ ...request, plan });
    const first = history.notes.find(({ kind }) => kind === "checkpoint-completed");
    expect(verdicts[2]).toMatchObject({
      id: "starts",
      verdict: "violated",
      detail:
        "all processes and disks were lost right behind checkpoint 1, " +
        `at ${first!.atUs / 1_000} ms: restored from 1`,
    });
    expect(runScenario(request).verdicts[2]?.verdict).toBe("holds");
  });
});

describe("how a run ends", () => {
  test("finished, with what was committed and what is left in the store", () => {
    const { history } = runScenario({ scenario: judgedBy(counted), seed: SEED });
    expect(history.outcome).toBe("finished");
    expect(history.stats.committed).toBe(history.committed.get("counts")?.length);
    expect(history.stats.checkpoints).toBe(history.count("checkpoint-completed"));
    expect(history.objectsAtEnd.filter((path) => path.startsWith("checkpoints/"))).toEqual([]);
    expect(history.count("ledger-read")).toBeGreaterThan(0);
  });

  test("cancelled, where the input never ends", () => {
    const scenario: Scenario = { ...judgedBy(counted), cancelAtMs: 2_000 };
    const { history } = runScenario({ scenario, seed: SEED, withoutFaults: true });
    expect(history.outcome).toBe("cancelled");
    expect(history.count("cancel-requested")).toBe(1);
  });

  test("stuck, when the cap comes before the job is done", () => {
    const scenario: Scenario = { ...judgedBy(counted), quietAfterMs: 50, progressWithinMs: 100 };
    const { history } = runScenario({ scenario, seed: SEED, withoutFaults: true });
    expect(history.outcome).toBe("stuck");
  });
});
