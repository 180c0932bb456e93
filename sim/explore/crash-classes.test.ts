import { describe, expect, test } from "vitest";
import { seedProgram } from "../../scenarios/seed-program.ts";
import type { StepKind } from "../moment.ts";
import { drawPlan, runScenario, stepsOf, withoutFaults } from "../run.ts";
import type { TakenStep } from "../steps.ts";
import type { Scenario } from "../scenario.ts";
import { classesOf } from "./crash-classes.ts";
import { allPairs } from "./crash-pairs.ts";
import { crashesAt, enumerablePlan, pointsOf, sampleOf } from "./crash-points.ts";
import { createRandom } from "../kernel/random.ts";

type Changes = Partial<TakenStep>;

const at = (
  step: StepKind,
  side: TakenStep["side"],
  event: number,
  changes: Changes = {},
): TakenStep => ({
  ...{ step, process: "tm-0", nth: event, side, event, atUs: event },
  ...{ dirty: false, content: 0, flowed: 0 },
  ...changes,
});
const both = (step: StepKind, event: number, changes: Changes = {}) => [
  at(step, "before", event, changes),
  at(step, "after", event, changes),
];
const textsOf = (steps: readonly TakenStep[], down?: string) => {
  const { steps: left, pruned } = classesOf(steps, down);
  const why = Object.entries(pruned).filter(([, count]) => count > 0);
  return {
    left: left.map(({ step, side, nth }) => `${side} ${step} #${nth}`),
    pruned: Object.fromEntries(why),
  };
};

describe("[CC1] points come to the same", () => {
  test("before a step and after the one before it, which stands for both", () => {
    expect(textsOf([...both("store/put", 1), ...both("store/put", 2)])).toEqual({
      left: ["before store/put #1", "after store/put #1", "after store/put #2"],
      pruned: { before: 1 },
    });
  });

  test("when a message was heard that led to nothing, or a request took effect", () => {
    const steps = [
      ...both("store/put", 1),
      ...both("receive/trigger", 2),
      at("store/effect", "after", 3),
    ];
    expect(textsOf(steps)).toEqual({
      left: ["before store/put #1", "after store/put #1"],
      pruned: { before: 1, heard: 1, effect: 1 },
    });
  });

  test("when all that was said is that it lives, or the same once more on the same link", () => {
    const said = (event: number, content: number, peer = "jm") =>
      at("send/report", "after", event, { content, peer });
    const steps = [
      at("store/put", "after", 1),
      ...both("send/heartbeat", 2).slice(1),
      ...[said(3, 7), said(4, 7), said(5, 8), said(6, 7), said(7, 7, "jm-1")],
    ];
    expect(textsOf(steps)).toEqual({
      left: [
        "after store/put #1",
        "after send/report #3",
        "after send/report #5",
        "after send/report #6",
        "after send/report #7",
      ],
      pruned: { alive: 1, again: 1 },
    });
  });

  test("but not when data went out in between, nor for another process", () => {
    const other = { process: "tm-1" };
    const steps = [
      at("store/put", "after", 1),
      at("receive/trigger", "before", 2, { flowed: 1 }),
      at("receive/trigger", "after", 2, { flowed: 1 }),
      at("receive/trigger", "before", 3, other),
    ];
    expect(textsOf(steps)).toEqual({
      left: ["after store/put #1", "before receive/trigger #2", "before receive/trigger #3"],
      pruned: { heard: 1 },
    });
  });

  test("[CC3] but not while a disk is not clean", () => {
    const steps = [at("disk/sync", "after", 1), ...both("receive/trigger", 2, { dirty: true })];
    expect(textsOf(steps).pruned).toEqual({});
  });

  test("an effect of a process that is down is no point; of one that is back it may be", () => {
    const steps = [
      at("store/effect", "after", 1),
      ...both("send/report", 2),
      at("store/effect", "after", 3),
    ];
    expect(textsOf(steps, "tm-0")).toEqual({
      left: ["before send/report #2", "after send/report #2"],
      pruned: { down: 1, effect: 1 },
    });
  });
});

describe("in a real run", () => {
  const scenario: Scenario = { ...seedProgram, cancelAtMs: 1_500 };
  const seed = "0x1";
  const calm = withoutFaults(drawPlan(scenario, seed));
  const plan = enumerablePlan(calm, stepsOf({ scenario, seed, plan: calm }).endUs);
  const { steps } = stepsOf({ scenario, seed, plan });

  test("[CC1] every point is of one class, and most are the same as another", () => {
    const { steps: left, pruned } = classesOf(steps);
    const engine = steps.filter(({ process }) => process !== "client");
    const counted = Object.values(pruned).reduce((sum, count) => sum + count, 0);
    expect(left.length + counted).toBe(engine.length);
    expect(left.flatMap(crashesAt).length * 3).toBeLessThan(pointsOf(steps).length);
  });

  test("[CC2] both crashes of a pair strike", () => {
    const firsts = sampleOf(classesOf(steps).steps, 2, createRandom("firsts"));
    const recover = (first: ReturnType<typeof crashesAt>[number]) =>
      stepsOf({ scenario, seed, plan: { ...plan, faults: [first] } });
    const { pairs, seconds } = allPairs(firsts, recover);
    expect(seconds).toBeGreaterThan(pairs.length);
    for (const pair of sampleOf(pairs, 6, createRandom("pairs"))) {
      const { history } = runScenario({ scenario, seed, plan: { ...plan, faults: pair } });
      expect(history.stats.faults).toEqual({ crash: 2 });
    }
  });
});
