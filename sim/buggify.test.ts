import { expect, test } from "vitest";
import { alignedUntilLate } from "../scenarios/aligned-until-late.ts";
import { largeState } from "../scenarios/large-state.ts";
import { materialization } from "../scenarios/materialization.ts";
import { recoveredWhereItRan } from "../scenarios/recovered-where-it-ran.ts";
import { reminders } from "../scenarios/reminders.ts";
import { wordCount } from "../scenarios/word-count.ts";
import type { BuggifyPoint } from "../src/index.ts";
import { ALL_POINTS, Buggify, drawArmed } from "./buggify.ts";
import { calmOptions } from "./explore/calm-options.ts";
import { createRandom } from "./kernel/random.ts";
import type { RunOptions } from "./plan.ts";
import { drawPlan, runScenario, withoutFaults } from "./run.ts";
import type { Scenario } from "./scenario.ts";

const random = () => createRandom("any");
const visits = (ask: (point: BuggifyPoint) => boolean, point: BuggifyPoint): string =>
  Array.from({ length: 60 }, () => (ask(point) ? "x" : ".")).join("");

test("[BY1] what is not armed never fires; what is fires about every fourth time", () => {
  const buggify = new Buggify(["flush-early"], random());
  const ask = buggify.forProcess("tm-0/1");
  expect(visits(ask, "wake-for-nothing")).not.toContain("x");
  const fired = [...visits(ask, "flush-early")].filter((mark) => mark === "x").length;
  expect(fired).toBeGreaterThan(5);
  expect(fired).toBeLessThan(30);
  expect(buggify.fired).toEqual({ "flush-early": fired });
  buggify.quiet();
  expect(visits(ask, "flush-early")).not.toContain("x");
});

test("[BY1] each process has a stream of its own for each point", () => {
  const alone = new Buggify(["flush-early"], random()).forProcess("tm-0/1");
  const both = new Buggify(["alarm-early", "flush-early"], random());
  const ask = both.forProcess("tm-0/1");
  visits(ask, "alarm-early");
  expect(visits(ask, "flush-early")).toBe(visits(alone, "flush-early"));
  expect(visits(both.forProcess("tm-1/1"), "flush-early")).not.toBe(visits(alone, "flush-early"));
});

test("a seed arms a few, each of them in about a quarter of the seeds", () => {
  const armed = Array.from({ length: 200 }, (_, i) => drawArmed(createRandom(`seed ${i}`)));
  for (const point of ALL_POINTS) {
    const seeds = armed.filter((points) => points.includes(point)).length;
    expect(seeds, point).toBeGreaterThan(25);
    expect(seeds, point).toBeLessThan(80);
  }
});

const armedFor = (scenario: Scenario, buggify: readonly BuggifyPoint[]): Scenario => ({
  ...scenario,
  // So that not all there is to do is done in one step.
  options: { ...scenario.options, buggify, stepElementsMax: 2, bufferTimeoutMs: 100 },
});

/** Stories whose jobs come by a point at all. */
const COMES_BY: Readonly<Partial<Record<BuggifyPoint, Scenario>>> = {
  "alarm-early": reminders,
  "alignment-timeout": alignedUntilLate,
  "compact-now": largeState,
  "flush-memtable": largeState,
  "materialize-now": materialization,
  "no-local-copy": recoveredWhereItRan,
};

test.each(ALL_POINTS)("%s is come by, and no rule is broken by it", (point) => {
  const story = armedFor(COMES_BY[point] ?? wordCount, [point]);
  const { history, verdicts } = runScenario({ scenario: story, seed: "0x3", again: true });
  expect(verdicts.filter(({ verdict }) => verdict === "violated")).toEqual([]);
  expect(history.digestAgain).toBe(history.digest);
  expect(history.stats.buggified?.[point]).toBeGreaterThan(0);
});

test("a run without any says nothing of them, and so does one without faults", () => {
  const { options } = drawPlan(armedFor(wordCount, []), "0x1");
  expect(options.buggify).toEqual([]);
  const plan = drawPlan(armedFor(wordCount, ["flush-early"]), "0x1");
  expect(withoutFaults(plan).options).not.toHaveProperty("buggify");
});

test("a failure that needs one of them shrinks to that one", () => {
  const { options } = drawPlan(
    armedFor(wordCount, ["flush-early", "alarm-early", "store-again"]),
    "0x1",
  );
  let smallest: RunOptions = options;
  calmOptions(options, (tried) => {
    const fails = tried.buggify?.includes("alarm-early") === true;
    if (fails) smallest = tried;
    return fails;
  });
  expect(smallest.buggify).toEqual(["alarm-early"]);
});
