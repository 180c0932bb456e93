import { describe, expect, test } from "vitest";
import { createRandom } from "../kernel/random.ts";
import { drawPlan, runScenario, stepsOf, withoutFaults } from "../run.ts";
import type { TakenStep } from "../steps.ts";
import { seedProgram } from "../../scenarios/seed-program.ts";
import type { Scenario } from "../scenario.ts";
import type { Property } from "../verdict.ts";
import { enumerablePlan, pointsOf, sampleOf, secondPointsOf } from "./crash-points.ts";
import { describeFault } from "./describe-fault.ts";

const taken = (nth: number, changes: Partial<TakenStep> = {}): readonly TakenStep[] =>
  (["before", "after"] as const).map((side) => ({
    ...{ step: "store/put", process: "tm-0", nth, side },
    ...{ event: nth, atUs: nth * 1_000, dirty: false, content: 0, flowed: 0 },
    ...changes,
  }));

const textsOf = (steps: readonly TakenStep[]): readonly string[] =>
  pointsOf(steps).map((point) => describeFault(point).replace(/, restart.* later/, ""));

describe("the points of a run", () => {
  test("are before and after each step of a process, but of the owner's", () => {
    const sent = { step: "send/report", process: "tm-1", peer: "jm" } as const;
    expect(textsOf([...taken(1), ...taken(2, { process: "client" }), ...taken(3, sent)])).toEqual([
      "crash tm-0, right before store/put #1 of tm-0",
      "crash tm-0, right after store/put #1 of tm-0",
      "crash tm-1, right before send/report #3 to jm of tm-1",
      "crash tm-1, right after send/report #3 to jm of tm-1",
    ]);
  });

  test("before a step is after the one before it, in one event", () => {
    const others = { process: "tm-1", event: 1 };
    const steps = [...taken(1), ...taken(2, { event: 1 }), ...taken(1, others)];
    expect(textsOf(steps)).toEqual([
      "crash tm-0, right before store/put #1 of tm-0",
      "crash tm-0, right after store/put #1 of tm-0",
      "crash tm-0, right after store/put #2 of tm-0",
      "crash tm-1, right before store/put #1 of tm-1",
      "crash tm-1, right after store/put #1 of tm-1",
    ]);
  });

  test("[CP2] take what was not synced as kept, as lost, and as drawn", () => {
    const [, after] = taken(4, { dirty: true });
    expect(pointsOf([after!]).map(({ unsynced }) => unsynced)).toEqual(["kept", "lost", "drawn"]);
  });

  test("[CP3] a sample is drawn from its stream, in order, without doubles", () => {
    const items = Array.from({ length: 50 }, (_, i) => i);
    const sample = (seed: string) => sampleOf(items, 10, createRandom(seed));
    expect(sample("1")).toEqual(sample("1"));
    expect(sample("1")).not.toEqual(sample("2"));
    expect(sample("1")).toEqual([...new Set(sample("1"))].sort((a, b) => a - b));
    expect(sample("1")).toHaveLength(10);
    expect(sampleOf(items, 50, createRandom("1"))).toEqual(items);
  });
});

describe("in a real run", () => {
  const struck: Property = {
    id: "struck",
    rule: "Every fault strikes.",
    check: ({ stats, plan }) => {
      const crashes = stats.faults.crash ?? 0;
      if (crashes === plan.faults.length) return { verdict: "holds", evidence: { crashes } };
      return { verdict: "violated", detail: `${crashes} of ${plan.faults.length} struck` };
    },
  };
  const scenario: Scenario = { ...seedProgram, cancelAtMs: 1_500, properties: [struck] };
  const seed = "0x1";
  const calm = withoutFaults(drawPlan(scenario, seed));
  const plan = enumerablePlan(calm, stepsOf({ scenario, seed, plan: calm }).endUs);
  const points = pointsOf(stepsOf({ scenario, seed, plan }).steps);
  const random = createRandom("crash-points");
  const verdictsWith = (...faults: typeof points) =>
    runScenario({ scenario, seed, plan: { ...plan, faults } }).verdicts;

  test("[CP1] watched or not, a run is the same", () => {
    const watched = stepsOf({ scenario, seed, plan });
    const { history } = runScenario({ scenario, seed, plan });
    expect(watched.notes).toEqual(history.notes);
  });

  test("[CP1] each of them strikes, and so does a second one in the recovery", () => {
    expect(points.length).toBeGreaterThan(100);
    for (const first of sampleOf(points, 8, random.fork("first"))) {
      expect(verdictsWith(first)).toMatchObject([{ verdict: "holds" }]);
      const run = stepsOf({ scenario, seed, plan: { ...plan, faults: [first] } });
      const seconds = secondPointsOf(first, run);
      for (const second of sampleOf(seconds, 2, random.fork("second"))) {
        expect(verdictsWith(first, second)).toMatchObject([{ evidence: { crashes: 2 } }]);
      }
    }
  });
});
