/**
 * The whole engine, on inputs and under plans that nobody thought of: no rule is ever violated. And the
 * way back: a job that is wrong is found, and shrunk to the one or two faults that show it.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Collector, KeyedContext, KeyedProcessFunction } from "../src/index.ts";
import type { Input } from "../sim/history.ts";
import type { RunOutcome } from "../sim/index.ts";
import type { Plan } from "../sim/plan.ts";
import { inputArbitrary } from "./arbitraries/input.ts";
import {
  OUT_OF_ORDER_MS_MAX,
  exchangesJob,
  plans,
  playTrial,
  plansWithRestore,
  violationsOf,
  windowsJob,
  wordsJob,
  type Count,
} from "./engine.fixture.ts";
import { calmOptions } from "./testing.ts";

const RUNS = 80;

const words = fc.constantFrom("ice", "sea", "whale", "ship");
const lines = fc.array(words, { minLength: 1, maxLength: 4 }).map((line) => line.join(" "));
const inputs = (topics: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
  inputArbitrary({
    topics,
    partitions: 3,
    recordsMax: 30,
    outOfOrderMsMax: OUT_OF_ORDER_MS_MAX,
  });

/** A property that is hardly ever put to the test proves little. */
function tally() {
  const seen = { restored: 0, judged: 0 };
  return {
    seen,
    add({ history, verdicts }: RunOutcome): void {
      if (history.stats.restores > 0) seen.restored++;
      if (verdicts.some(({ id, verdict }) => id === "EO1" && verdict === "holds")) seen.judged++;
    },
  };
}

describe("no rule is violated", () => {
  test.each([
    ["counting words", wordsJob, inputs({ lines }), 101],
    ["counting in windows of event time", windowsJob, inputs({ visits: words }), 102],
    ["through every exchange", exchangesJob, inputs({ left: words, right: words }), 103],
  ] as const)("%s", (_name, jobOf, input, seed) => {
    const { seen, add } = tally();
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, 3),
        input,
        plansWithRestore,
        (parallelism, records, plan) => {
          const run = playTrial({ job: jobOf(parallelism), input: records, plan });
          expect(violationsOf(run)).toEqual([]);
          expect(run.history.outcome).toBe("finished");
          add(run);
        },
      ),
      { seed, numRuns: RUNS },
    );
    expect(seen.restored).toBeGreaterThan(RUNS / 2);
    expect(seen.judged).toBeGreaterThan(RUNS / 2);
  });

  test("nor by faults alone: the output is that of the same run without them", () => {
    const input = inputs({ visits: words });
    fc.assert(
      fc.property(input, plans, (records, plan) => {
        const job = windowsJob(2);
        const run = playTrial({ job, input: records, plan, compareWithoutFaults: true });
        expect(violationsOf(run)).toEqual([]);
      }),
      { seed: 104, numRuns: RUNS },
    );
  });
});

describe("a job that is wrong", () => {
  /** Keeps its counts in a field, where no checkpoint finds them. */
  class ForgetfulCount implements KeyedProcessFunction<string, string, Count> {
    readonly #counts = new Map<string, number>();

    processElement(key: string, _context: KeyedContext<string>, out: Collector<Count>): void {
      const count = (this.#counts.get(key) ?? 0) + 1;
      this.#counts.set(key, count);
      out.collect({ key, count });
    }
  }
  const forgetful = wordsJob(2, () => new ForgetfulCount());
  const input: Input = new Map([
    [
      "lines",
      [0, 1].map((partition) =>
        Array.from({ length: 40 }, (_, i) => ({
          value: partition === 0 ? "sea" : "ice sea",
          timestampMs: i * 50,
          availableAtMs: i * 50,
        })),
      ),
    ],
  ]);
  const violations = (plan: Plan): readonly string[] =>
    violationsOf(playTrial({ job: forgetful, input, plan }));

  test("is right as long as nothing fails", () => {
    expect(violations({ options: calmOptions, faults: [], quietAfterMs: 6_000 })).toEqual([]);
  });

  test("is found, and shrunk to the one or two faults that show it", () => {
    const found = fc.check(
      fc.property(plans, (plan) => violations(plan).length === 0),
      { seed: 105, numRuns: RUNS },
    );
    expect(found.failed).toBe(true);
    const [plan] = found.counterexample!;
    expect(plan.faults.length).toBeGreaterThanOrEqual(1);
    expect(plan.faults.length).toBeLessThanOrEqual(2);
    // The shrunk plan is no other failure: it doubles or loses what was counted, and nothing else.
    expect(violations(plan)[0]).toMatch(/^EO1 /);
    expect(violations({ ...plan, faults: [] })).toEqual([]);
  });
});
