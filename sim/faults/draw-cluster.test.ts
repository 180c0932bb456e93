import { describe, expect, test } from "vitest";
import { wordCount } from "../../scenarios/word-count.ts";
import { crash, expireSession, pause } from "../../scenarios/scenario.ts";
import { schedule as scheduleSchema } from "../cli/schedule-schema.ts";
import { calmCluster } from "../explore/calm-cluster.ts";
import type { Fault, Plan } from "../plan.ts";
import { describeSchedule } from "../schedule.ts";
import type { Scenario } from "../scenario.ts";
import { planMistakes } from "../legal-plan.ts";
import { drawPlan } from "./draw-plan.ts";
import { meansStandby } from "./legality.ts";

const SEEDS = Array.from({ length: 200 }, (_, i) => `0x${i.toString(16)}`);
const drawn = SEEDS.map((seed) => drawPlan(wordCount, seed));
const has = (plans: readonly Plan[], kind: Fault["kind"]): boolean =>
  plans.some(({ faults }) => faults.some((fault) => fault.kind === kind));

describe("job managers that stand by", () => {
  const several = drawn.filter(({ options }) => options.jobManagers !== undefined);
  const one = drawn.filter(({ options }) => options.jobManagers === undefined);

  test("are there in a fifth of the seeds, and with them what strikes them", () => {
    expect(several.length).toBeGreaterThan(20);
    expect(several.length).toBeLessThan(65);
    expect(new Set(several.map(({ options }) => options.jobManagers))).toEqual(new Set([2, 3]));
    expect(has(several, "expire-session")).toBe(true);
    expect(has(one, "expire-session")).toBe(false);
    for (const plan of drawn) expect(planMistakes(wordCount, plan)).toEqual([]);
  });

  test("are nowhere where the story fixes them, or means the only one", () => {
    const meant: Scenario = { ...wordCount, faults: [crash({ process: "jm", atMs: 900 })] };
    const fixed: Scenario = { ...wordCount, options: { jobManagers: 1 } };
    for (const seed of SEEDS) {
      expect(drawPlan(meant, seed).options).not.toHaveProperty("jobManagers");
      expect(drawPlan(fixed, seed).options.jobManagers).toBe(1);
    }
  });

  test("go in shrinking, unless a fault means them", () => {
    const left = (faults: readonly Fault[]): Plan["options"] => {
      let plan: Plan = { ...several[0]!, faults };
      calmCluster(plan, (smaller) => {
        plan = smaller;
        return true;
      });
      return plan.options;
    };
    expect(left([pause({ process: "jm", atMs: 5, forMs: 5 })])).not.toHaveProperty("jobManagers");
    const another = pause({ process: "jm-1", atMs: 5, forMs: 5 });
    const session = expireSession({ process: "jm", atMs: 5 });
    for (const fault of [another, session]) {
      expect(meansStandby(fault)).toBe(true);
      expect(left([fault])).toHaveProperty("jobManagers");
    }
  });
});

test("disks are struck where the seed's settings put state on them, and the story's do not", () => {
  const onDisk = ({ options: { job } }: Plan): boolean =>
    job?.localRecovery === true || ["disk", "remote"].includes(job?.backend?.kind ?? "");
  expect(has(drawn.filter(onDisk), "rot-disk")).toBe(true);
  expect(
    has(
      drawn.filter((plan) => !onDisk(plan)),
      "rot-disk",
    ),
  ).toBe(false);
});

describe("an order by priorities", () => {
  test("is one in ten seeds, is kept in the plan and told in words", () => {
    const orders = drawn.flatMap(({ schedule }) => (schedule === undefined ? [] : [schedule]));
    expect(orders.length).toBeGreaterThan(6);
    expect(orders.length).toBeLessThan(40);
    const withRivals = drawn.filter(({ options }) => options.jobManagers !== undefined);
    expect(withRivals.some(({ schedule }) => schedule !== undefined)).toBe(true);
    for (const order of orders) {
      expect(scheduleSchema.parse(JSON.parse(JSON.stringify(order)))).toEqual(order);
      expect(describeSchedule(order)).toMatch(/^by priorities, changes: /);
    }
  });

  test("is none where a story wants what is due at once to come in its order", () => {
    const inOrder: Scenario = { ...wordCount, options: { permuteTies: false } };
    for (const seed of SEEDS) {
      const { schedule: _, ...rest } = drawPlan(wordCount, seed);
      const options = { ...rest.options, permuteTies: false };
      expect(drawPlan(inOrder, seed)).toEqual({ ...rest, options });
    }
  });
});
