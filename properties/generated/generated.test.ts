/**
 * Generated jobs, as recipes: each can be built, be written down and be made smaller; between them they
 * have every operator there is; and what breaks a large one is shown by a small one.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Random } from "../../src/index.ts";
import { runScenario, withoutFaults } from "../../sim/run.ts";
import type { Plan } from "../../sim/plan.ts";
import type { Scenario } from "../../sim/scenario.ts";
import { createRandom } from "../../sim/kernel/random.ts";
import { plansWithRestore } from "../engine.fixture.ts";
import { inputOf } from "./recipe-input.ts";
import { jobOf } from "./recipe-job.ts";
import { PARALLELISM_MAX, recipeArbitrary, sampleRecipe } from "./recipe-arbitrary.ts";
import { rulesFor } from "./recipe-rules.ts";
import { asPlanRecipe, openStreams, recipeOf, type Recipe } from "./recipe.ts";
import { simplerRecipes } from "./simpler-recipes.ts";
import { stepKinds } from "./steps/index.ts";

const QUIET_AFTER_MS = 6_000;

/** Room for every subtask, and an early crash: generated input does not last for many checkpoints. */
const plans = plansWithRestore.map((plan): Plan => ({
  ...plan,
  options: { ...plan.options, taskManagers: PARALLELISM_MAX },
  faults: plan.faults.map((fault) =>
    "note" in fault.when && fault.when.note === "checkpoint-completed"
      ? { ...fault, when: { ...fault.when, nth: 1 + (fault.when.nth % 2) } }
      : fault,
  ),
}));

const storyOf = (recipe: Recipe, job = jobOf(recipe)): Scenario => ({
  name: "generated",
  why: "Whatever operators are put together, no rule may be violated.",
  job,
  input: (_random: Random) => inputOf(recipe, createRandom("generated")),
  faults: [],
  swarm: { faultsMax: 0, weights: {} },
  options: {},
  quietAfterMs: QUIET_AFTER_MS,
  cancelAtMs: undefined,
  progressWithinMs: 60_000,
  properties: rulesFor(recipe, job),
});

describe("recipes", () => {
  test("can all be built, with no more than four subtasks an operator", () => {
    fc.assert(
      fc.property(recipeArbitrary, (recipe) => {
        const job = jobOf(recipe);
        expect(job.nodes.filter(({ logic }) => logic.kind === "sink").length).toBeGreaterThan(0);
        for (const node of job.nodes) expect(node.parallelism).toBeLessThanOrEqual(PARALLELISM_MAX);
      }),
      { seed: 31, numRuns: 200 },
    );
  });

  test("are JSON: what is read back is the same recipe, and the same job", () => {
    fc.assert(
      fc.property(recipeArbitrary, (recipe) => {
        const text = JSON.stringify(asPlanRecipe(recipe));
        expect(recipeOf(JSON.parse(text) as Record<string, unknown>)).toEqual(recipe);
      }),
      { seed: 32, numRuns: 50 },
    );
  });

  test("have every kind of step in some hundred of them, in every mode it is for", () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 600; seed++) {
      const { mode, steps } = sampleRecipe(seed);
      for (const { kind } of steps) seen.add(`${kind} ${mode}`);
    }
    const all = [...stepKinds.values()].flatMap(({ kind, modes }) =>
      modes.map((mode) => `${kind} ${mode}`),
    );
    expect(all.filter((kind) => !seen.has(kind))).toEqual([]);
  });

  test("use every operator that a job can have", () => {
    const kinds = new Set<string>();
    for (let seed = 0; seed < 300; seed++) {
      for (const { logic } of jobOf(sampleRecipe(seed)).nodes) kinds.add(logic.kind);
    }
    expect([...kinds].sort()).toEqual(
      [
        ...["assign-watermarks", "async", "broadcast-process", "bundle", "co-group"],
        ...["co-process", "deduplicate", "filter", "flat-map", "interval-join", "join"],
        ...["keyed-broadcast-process", "keyed-co-process", "keyed-process", "map", "pattern"],
        ...["process", "reduce", "sink", "source", "top-n", "window"],
      ].sort(),
    );
  });

  test("that are simpler are smaller, can be built, and come to an end", () => {
    fc.assert(
      fc.property(recipeArbitrary, fc.nat(), (recipe, choice) => {
        let current = recipe;
        for (let rounds = 0; ; rounds++) {
          expect(rounds).toBeLessThan(200);
          const smaller = simplerRecipes(current);
          for (const candidate of smaller) jobOf(candidate);
          if (smaller.length === 0) break;
          current = smaller[choice % smaller.length]!;
        }
        expect(current.sources).toHaveLength(1);
        expect(current.steps).toHaveLength(0);
        expect(openStreams(current)).toEqual([0]);
      }),
      { seed: 33, numRuns: 15 },
    );
  });

  test("written by hand are told what they lack", () => {
    expect(() => recipeOf({ mode: "in-time" })).toThrow("a list of steps");
    const recipe = sampleRecipe(1);
    const step = { ...recipe.steps[0]!, kind: "no-such-step" };
    expect(() => jobOf({ ...recipe, steps: [step] })).toThrow('no step is called "no-such-step"');
    const astray = { ...recipe.steps[0]!, from: 99 };
    expect(() => jobOf({ ...recipe, steps: [astray] })).toThrow("reads stream 99, which is none");
  });
});

test("[C125] whatever is put together, and whatever breaks: no rule is violated", () => {
  const seen = { restored: 0, judged: 0 };
  const runs = 60;
  fc.assert(
    fc.property(recipeArbitrary, plans, (recipe, plan) => {
      const { verdicts, history } = runScenario({
        scenario: storyOf(recipe),
        seed: "0x1",
        plan,
        compareWithoutFaults: true,
      });
      const violated = verdicts.filter(({ verdict }) => verdict === "violated");
      expect(violated).toEqual([]);
      if (history.stats.restores > 0) seen.restored++;
      if (verdicts.some(({ id, verdict }) => id === "EO1" && verdict === "holds")) seen.judged++;
    }),
    { seed: 34, numRuns: runs },
  );
  expect(seen.restored).toBeGreaterThan(runs / 2);
  expect(seen.judged).toBeGreaterThan(runs / 2);
});

test("[C125] without faults every recipe gives what its reference gives", () => {
  fc.assert(
    fc.property(recipeArbitrary, plans, (recipe, plan) => {
      const calm = withoutFaults(plan);
      const run = runScenario({ scenario: storyOf(recipe), seed: "0x1", plan: calm });
      expect(run.history.outcome).toBe("finished");
      const wrong = run.verdicts.find(({ id, verdict }) => id === "EO1" && verdict === "violated");
      expect(wrong).toBeUndefined();
    }),
    { seed: 35, numRuns: 40 },
  );
});
