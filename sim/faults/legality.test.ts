import { expect, test } from "vitest";
import { everyStory } from "../cli/testing/every-story.ts";
import { storyOf } from "../generated.ts";
import { planMistakes } from "../legal-plan.ts";
import type { Fault, FaultKind, Plan } from "../plan.ts";
import { drawPlan } from "./draw-plan.ts";
import { SURVIVORS, type Legality } from "./fault.ts";
import { describeLegality, drawnMistakes, faultMistakes, goesWith } from "./legality.ts";
import { faultHandlers } from "./registry.ts";

const SEEDS = Array.from({ length: 60 }, (_, i) => `0x${(i * 7_919).toString(16)}`);
const KINDS = Object.keys(faultHandlers) as FaultKind[];
const legality = (kind: FaultKind) => faultHandlers[kind].legality as Legality<Fault>;

const stories = await everyStory();
const [anyStory = stories[0]!] = stories.filter(({ name }) => name === "word-count");

const crash = (ms: number): Fault => ({
  ...{ kind: "crash", process: "tm-0", restartAfterMs: ms },
  when: { atMs: 10 },
});
const setting = { options: { taskManagers: 2 }, job: anyStory.job, quietAfterMs: 5_000 };

test("[LG2] whatever is drawn is legal and noticed, in every story", () => {
  expect(stories.length).toBeGreaterThan(50);
  for (const scenario of stories) {
    for (const seed of SEEDS) {
      const plan = drawPlan(scenario, seed);
      const { job } = storyOf(scenario, plan);
      const drawn = plan.faults.slice(scenario.faults.length);
      const mistakes = [...planMistakes(scenario, plan), ...drawnMistakes(drawn, { ...plan, job })];
      expect(mistakes, `${scenario.name}, seed ${seed}`).toEqual([]);
    }
  }
});

test("[LG2] what is drawn lasts for a while; what is written may be over sooner", () => {
  expect(drawnMistakes([crash(50)], setting)).toEqual([]);
  expect(drawnMistakes([crash(1)], setting)).toEqual([
    "fault 1 (crash) lasts 1 ms, which nobody notices; 50 at least",
  ]);
  expect(faultMistakes([crash(1)], setting)).toEqual([]);
});

test("[LG1] no pair of kinds takes away all that state or output is had back from", () => {
  const at = (kind: FaultKind): Fault => ({ kind, when: { atMs: 1 } }) as unknown as Fault;
  for (const kind of KINDS) {
    expect(goesWith([], at(kind)), kind).toBe(true);
    for (const other of KINDS) expect(goesWith([at(other)], at(kind))).toBe(true);
  }
});

test.each(KINDS)("%s: all of its numbers have bounds, and so has how long it lasts", (kind) => {
  const { lastsMs, bounds = {} } = legality(kind);
  const bounded = new Set([lastsMs?.field, ...Object.keys(bounds)]);
  const weights = { [kind]: 1 };
  const story = { ...anyStory, options: { jobManagers: 2 }, swarm: { faultsMax: 3, weights } };
  const drawn = SEEDS.slice(0, 20).flatMap((seed) => drawPlan(story, seed).faults);
  expect(drawn.length).toBeGreaterThan(0);
  for (const fault of drawn) {
    const numbers = Object.entries(fault).filter(([, value]) => typeof value === "number");
    expect(numbers.map(([name]) => name).filter((name) => !bounded.has(name))).toEqual([]);
  }
  const { min = 0, dwellMs = min } = lastsMs ?? {};
  expect(dwellMs).toBeGreaterThanOrEqual(min);
});

test("a kind says in words what it may be", () => {
  expect(describeLegality("slow-link")).toBe(
    "strikes: link; forMs, 1 or more; extraMs, 1 or more; drawn for 200 ms or more; leaves: " +
      "processes, messages, files, object store, ledger",
  );
  expect(describeLegality("expire-session")).toContain("where job managers stand by");
  expect(describeLegality("step-clock")).toContain("byMs other than 0");
  for (const kind of KINDS) {
    expect(SURVIVORS.some((survivor) => describeLegality(kind).includes(survivor))).toBe(true);
  }
});

test("options of which nothing could be played are refused, with the reason", () => {
  const drawn = drawPlan(anyStory, "0x1");
  const wrong = (options: Partial<Plan["options"]>): string[] =>
    planMistakes(anyStory, { ...drawn, options: { ...drawn.options, ...options } });
  expect(wrong({})).toEqual([]);
  expect(wrong({ taskManagers: 1, slotsPerTaskManager: 1 }).join()).toContain("the cluster has 1");
  expect(wrong({ creditsPerChannel: 0 })).toEqual([
    "`creditsPerChannel` is 0; it has to be a whole number, 1 or more",
  ]);
  expect(wrong({ heartbeatTimeoutMs: 1 }).join()).toContain("given up all the time");
  const network = { minUs: 5, maxUs: 4, tailPerMille: 0, tailUs: 0 };
  expect(wrong({ network }).join()).toContain("`network` is from 5 to 4 us");
});
