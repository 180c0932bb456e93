import { describe, expect, test } from "vitest";
import { wordCount } from "../../scenarios/word-count.ts";
import { storyOf } from "../generated.ts";
import { jobManagerNames } from "../job-managers.ts";
import type { Fault, FaultKind } from "../plan.ts";
import type { Scenario } from "../scenario.ts";
import { lastsAgainMs } from "./again.ts";
import { drawPlan, slotsNeeded } from "./draw-plan.ts";
import { faultHandlers } from "./registry.ts";

const SEEDS = Array.from({ length: 300 }, (_, i) => `0x${i.toString(16)}`);
const KINDS = Object.keys(faultHandlers) as FaultKind[];
const drawMany = (scenario: Scenario): Fault[] =>
  SEEDS.flatMap((seed) => [...drawPlan(scenario, seed).faults]);

/** Everything that a fault names as a process. */
const namesIn = (fault: Fault): string[] => [
  ...("process" in fault ? [fault.process] : []),
  ...("from" in fault ? [fault.from, fault.to] : []),
  ...("process" in fault.when && fault.when.process !== undefined ? [fault.when.process] : []),
];

describe("a plan", () => {
  test("[C127] is the same for the same seed, and another for another", () => {
    const plans = SEEDS.slice(0, 20).map((seed) => JSON.stringify(drawPlan(wordCount, seed)));
    expect(SEEDS.slice(0, 20).map((seed) => JSON.stringify(drawPlan(wordCount, seed)))).toEqual(
      plans,
    );
    expect(new Set(plans).size).toBe(plans.length);
  });

  test("is plain data: what is stored comes back equal", () => {
    for (const seed of SEEDS.slice(0, 20)) {
      const plan = drawPlan(wordCount, seed);
      expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    }
  });

  test("has slots enough, and keeps what the scenario has fixed", () => {
    const fixed: Scenario = { ...wordCount, options: { bufferBytes: 77, slotsPerTaskManager: 1 } };
    for (const seed of SEEDS) {
      const { options } = drawPlan(fixed, seed);
      expect(options).toMatchObject({ bufferBytes: 77, slotsPerTaskManager: 1 });
      const plan = drawPlan(wordCount, seed);
      const free = plan.options;
      const needed = slotsNeeded(storyOf(wordCount, plan));
      expect(needed).toBe(free.job?.parallelism ?? 2);
      expect(free.taskManagers * free.slotsPerTaskManager).toBeGreaterThanOrEqual(needed);
      expect(free.heartbeatTimeoutMs).toBeGreaterThanOrEqual(4 * free.heartbeatMs);
    }
  });

  test("fixing one option leaves the draws of the others alone", () => {
    const fixed: Scenario = { ...wordCount, options: { bufferBytes: 77 } };
    for (const seed of SEEDS.slice(0, 20)) {
      const plan = drawPlan(wordCount, seed);
      expect(drawPlan(fixed, seed)).toEqual({
        ...plan,
        options: { ...plan.options, bufferBytes: 77 },
      });
    }
  });
});

describe("faults", () => {
  test("strike those that stand by as well, and sessions of job managers only", () => {
    const swarm = { faultsMax: 8, weights: { crash: 1, "expire-session": 1 } };
    const faults = drawMany({ ...wordCount, swarm, options: { jobManagers: 3 } });
    const struck = (kind: FaultKind): string[] =>
      [...new Set(faults.filter((fault) => fault.kind === kind).flatMap(namesIn))].sort();
    expect(struck("crash")).toEqual(expect.arrayContaining(["jm", "jm-1", "jm-2", "tm-0"]));
    expect(struck("expire-session").filter((name) => name.startsWith("jm"))).toHaveLength(3);
    for (const fault of faults) {
      if (fault.kind === "expire-session") expect(fault.process).toMatch(/^jm/);
      if ("process" in fault.when) expect(fault.when.process).toMatch(/^tm-/);
    }
  });

  test("of the story come first; the swarm's never exceed their number", () => {
    const own: Fault = { kind: "pause", process: "tm-0", when: { atMs: 5 }, forMs: 5 };
    const story: Scenario = { ...wordCount, faults: [own] };
    for (const seed of SEEDS) {
      const { faults } = drawPlan(story, seed);
      expect(faults[0]).toEqual(own);
      expect(faults.length).toBeLessThanOrEqual(1 + story.swarm.faultsMax);
    }
  });

  test("of every kind are drawn, and only kinds that have weight", () => {
    const weights = Object.fromEntries(KINDS.map((kind) => [kind, 1]));
    const any: Scenario = { ...wordCount, swarm: { faultsMax: 8, weights } };
    const kinds = new Set(drawMany(any).map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([...KINDS].sort());
    const crashes: Scenario = {
      ...wordCount,
      swarm: { faultsMax: 4, weights: { crash: 1, pause: 0 } },
    };
    expect(new Set(drawMany(crashes).map(({ kind }) => kind))).toEqual(new Set(["crash"]));
  });

  test("are none where nothing may be drawn", () => {
    const calm: Scenario = { ...wordCount, swarm: { faultsMax: 4, weights: {} } };
    expect(drawMany(calm)).toEqual([]);
    const none: Scenario = { ...wordCount, swarm: { ...wordCount.swarm, faultsMax: 0 } };
    expect(drawMany(none)).toEqual([]);
  });

  test("take nobody away for longer than the story allows, however often they come", () => {
    const weights = { crash: 1, pause: 1, "crash-rack": 1 };
    const awayMsOf = (lastsMsMax: number): number[] =>
      drawMany({ ...wordCount, swarm: { faultsMax: 4, weights, lastsMsMax } }).map((fault) => {
        const onceMs = "forMs" in fault ? fault.forMs : 0;
        const deadMs = "restartAfterMs" in fault ? fault.restartAfterMs : 0;
        const again = "again" in fault ? fault.again : undefined;
        return lastsAgainMs(onceMs + deadMs, again);
      });
    expect(Math.max(...awayMsOf(2_000))).toBeLessThan(2_000);
    expect(Math.max(...awayMsOf(9_000))).toBeGreaterThan(4_000);
  });

  test("[FI1] at a time strike before the quiet point, and hit processes that there are", () => {
    for (const seed of SEEDS) {
      const { faults, options, quietAfterMs } = drawPlan(wordCount, seed);
      for (const fault of faults) {
        if ("atMs" in fault.when) expect(fault.when.atMs).toBeLessThan(quietAfterMs);
        else expect(fault.when.nth).toBeGreaterThan(0);
        for (const name of namesIn(fault)) {
          const index = /^tm-(\d+)$/.exec(name)?.[1];
          const isThere = jobManagerNames(options).includes(name);
          expect(isThere || Number(index) < options.taskManagers).toBe(true);
        }
        if ("from" in fault) expect(fault.from).not.toBe(fault.to);
      }
    }
  });
});

test.each(KINDS)("%s says what it stands for, and what must survive it", (kind) => {
  const handler = faultHandlers[kind];
  expect(handler.kind).toBe(kind);
  expect(handler.models.length).toBeGreaterThan(10);
  expect(handler.survives.length).toBeGreaterThan(10);
});
