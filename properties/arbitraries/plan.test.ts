import fc from "fast-check";
import { expect, test } from "vitest";
import { faultMistakes } from "../../sim/faults/legality.ts";
import { calmOptions, copyJob } from "../testing.ts";
import { planArbitrary } from "./plan.ts";

const QUIET_MS = 20_000;

test("every plan is legal, for one task manager and for many", () => {
  for (const taskManagers of [1, 2, 5]) {
    const plans = planArbitrary({
      options: { ...calmOptions, taskManagers },
      quietAfterMs: QUIET_MS,
    });
    fc.assert(
      fc.property(plans, ({ faults }) => {
        const setting = { options: { taskManagers }, job: copyJob, quietAfterMs: QUIET_MS };
        expect(faultMistakes(faults, setting)).toEqual([]);
      }),
      { seed: 21, numRuns: 300 },
    );
  }
});

test("every kind of fault that any job can suffer is drawn", () => {
  const plans = planArbitrary({ options: calmOptions, quietAfterMs: QUIET_MS });
  const drawn = fc.sample(plans, { seed: 22, numRuns: 200 });
  const kinds = new Set(drawn.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
  expect([...kinds].sort()).toEqual([
    "crash",
    "cut-link",
    "ledger-timeouts",
    "lose-control",
    "pause",
    "slow-link",
    "store-timeouts",
    "store-unavailable",
  ]);
});

test("a failure that needs one crash shrinks to one crash at its simplest moment", () => {
  const plans = planArbitrary({ options: calmOptions, quietAfterMs: QUIET_MS });
  const crashes = fc.property(plans, ({ faults }) => faults.every(({ kind }) => kind !== "crash"));
  const { counterexample } = fc.check(crashes, { seed: 23, numRuns: 200 });
  expect(counterexample?.[0].faults).toEqual([
    {
      kind: "crash",
      process: "noting",
      when: { note: "checkpoint-triggered", nth: 1, afterMs: 0 },
      restartAfterMs: 0,
    },
  ]);
});
