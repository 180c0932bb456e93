import { describe, expect, test } from "vitest";
import { generated } from "../../scenarios/generated.ts";
import { standbyTakesOver } from "../../scenarios/standby-takes-over.ts";
import { wordCount } from "../../scenarios/word-count.ts";
import { planMistakes } from "../legal-plan.ts";
import type { FaultKind } from "../plan.ts";
import { drawPlan } from "./draw-plan.ts";
import { drawRandomPlan } from "./random-plan.ts";

const SEEDS = Array.from({ length: 300 }, (_, i) => `0x${i.toString(16)}`);
const STORIES = [wordCount, standbyTakesOver, generated];

describe("a plan at random", () => {
  test("is the same for the same seed; all seeds have one set of options", () => {
    const plans = SEEDS.map((seed) => drawRandomPlan(wordCount, seed));
    expect(SEEDS.map((seed) => drawRandomPlan(wordCount, seed))).toEqual(plans);
    expect(new Set(plans.map(({ options }) => JSON.stringify(options))).size).toBe(1);
    expect(new Set(plans.map(({ faults }) => JSON.stringify(faults))).size).toBeGreaterThan(200);
  });

  test("can be played: it is legal, and the job has its slots", () => {
    for (const story of STORIES) {
      const mistakes = SEEDS.flatMap((seed) => planMistakes(story, drawRandomPlan(story, seed)));
      expect(mistakes).toEqual([]);
    }
  });

  test("keeps what the story fixes, and tells the story that the swarm tells", () => {
    const { options } = drawRandomPlan(standbyTakesOver, "0x1");
    expect(options).toMatchObject(standbyTakesOver.options);
    expect(drawRandomPlan(generated, "0x1").recipe).toEqual(drawPlan(generated, "0x1").recipe);
    expect(drawRandomPlan(generated, "0x1").recipe).toBeDefined();
  });

  test("has every kind that the story's swarm has, each about as often", () => {
    const swarm = { faultsMax: 8, weights: { crash: 90, pause: 3, "cut-link": 1, "slow-cpu": 0 } };
    const drawn = SEEDS.flatMap((seed) => drawRandomPlan({ ...wordCount, swarm }, seed).faults);
    const share = (kind: FaultKind): number =>
      drawn.filter((fault) => fault.kind === kind).length / drawn.length;
    for (const kind of ["crash", "pause", "cut-link"] as const) {
      expect(share(kind)).toBeGreaterThan(0.28);
      expect(share(kind)).toBeLessThan(0.39);
    }
    expect(share("slow-cpu")).toBe(0);
  });
});
