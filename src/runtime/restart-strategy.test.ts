import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RestartConfig } from "../graph/logical-graph.ts";
import { restartStrategy } from "../graph/restart-options.ts";
import { restartConfig, restartDelayMsMax } from "../graph/restart-options.ts";
import { createRestartStrategy, decideRestart, JITTER_DRAW_MAX } from "./restart-strategy.ts";

/** In the middle: no shift at all. */
const NO_SHIFT = JITTER_DRAW_MAX / 2;

/** Failures at these times, by chance `draw` each; the pauses granted, up to the first refusal. */
function pauses(
  config: RestartConfig,
  failedMs: readonly number[],
  draw: (at: number) => number = () => NO_SHIFT,
): (number | string)[] {
  let state = createRestartStrategy();
  const told: (number | string)[] = [];
  for (const [index, atMs] of failedMs.entries()) {
    const decision = decideRestart(config, state, atMs, draw(index));
    state = decision.state;
    const { verdict } = decision;
    if (verdict.kind === "refused") return [...told, verdict.why];
    const { delayMs } = verdict;
    expect(verdict).toEqual({ kind: "restart", delayMs, restarts: index + 1 });
    told.push(delayMs);
  }
  return told;
}

describe("[C121] a fixed delay", () => {
  const config = restartConfig({ delayMs: 500, restartsMax: 2 });

  test("is always the same, and granted a bounded number of times", () => {
    expect(pauses(config, [0, 1, 99_999])).toEqual([500, 500, "all 2 restarts are used up"]);
  });

  test("may be none at all", () => {
    const none = restartConfig({ delayMs: 500, restartsMax: 0 });
    expect(pauses(none, [0])).toEqual(["all 0 restarts are used up"]);
  });
});

describe("[C121] a failure rate", () => {
  const config = restartConfig(
    restartStrategy.failureRate({ delayMs: 7, failuresMax: 3, intervalMs: 1_000 }),
  );

  test("lets failures pass that are far enough apart, for ever", () => {
    expect(pauses(config, [0, 500, 1_001, 1_501, 2_002])).toEqual([7, 7, 7, 7, 7]);
  });

  test("refuses the last of those that come too fast", () => {
    const why = "3 failures within 1000 ms";
    expect(pauses(config, [0, 5_000, 5_500, 6_000])).toEqual([7, 7, 7, why]);
    expect(pauses(config, [0, 0, 0])).toEqual([7, 7, why]);
  });
});

describe("[C121] an exponential delay", () => {
  const options = { delayMs: 100, delayMsMax: 1_000, resetAfterMs: 10_000, jitterPerMille: 0 };
  const config = restartConfig(restartStrategy.exponentialDelay(options));

  test("grows up to a cap", () => {
    const failedMs = [0, 200, 500, 1_000, 2_000, 4_000];
    expect(pauses(config, failedMs)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  test("begins anew after a quiet period, counted from the restart", () => {
    // Started again at 100 and at 10_299: quiet for 9_999 ms, and then for 10_001.
    expect(pauses(config, [0, 10_099, 20_300])).toEqual([100, 200, 100]);
    expect(pauses(config, [0, 10_100])).toEqual([100, 100]);
  });

  test("is a little earlier or later by chance, and never beyond the cap", () => {
    const jitter = restartConfig(
      restartStrategy.exponentialDelay({ ...options, jitterPerMille: 100 }),
    );
    expect(pauses(jitter, [0, 200, 500], () => 0)).toEqual([90, 180, 360]);
    expect(pauses(jitter, [0, 200, 500], () => JITTER_DRAW_MAX)).toEqual([110, 220, 440]);
    const late = pauses(jitter, [0, 1, 2, 3, 4, 5], () => JITTER_DRAW_MAX);
    expect(late.slice(-2)).toEqual([1_000, 1_000]);
  });

  test("may be bounded too", () => {
    const bounded = restartConfig(restartStrategy.exponentialDelay({ ...options, restartsMax: 2 }));
    const why = "all 2 restarts without a quiet period are used up";
    expect(pauses(bounded, [0, 200, 500])).toEqual([100, 200, why]);
    expect(pauses(bounded, [0, 20_000, 40_000, 60_000])).toEqual([100, 100, 100, 100]);
  });
});

test("[C121] without a strategy the first failure is the last", () => {
  expect(pauses(restartConfig(restartStrategy.none()), [0])).toEqual([
    "the job is not to be restarted",
  ]);
});

const times = fc
  .array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 40 })
  .map((gaps) => gaps.map((_, i) => gaps.slice(0, i + 1).reduce((sum, gap) => sum + gap, 0)));
const natural = fc.integer({ min: 1, max: 5_000 });
const configs: fc.Arbitrary<RestartConfig> = fc.oneof(
  fc.record({ delayMs: natural, restartsMax: fc.nat({ max: 9 }) }).map(restartConfig),
  fc
    .record({ delayMs: natural, failuresMax: fc.integer({ min: 1, max: 5 }), intervalMs: natural })
    .map((options) => restartConfig(restartStrategy.failureRate(options))),
  fc
    .record({
      ...{ delayMs: natural, delayMsMax: natural, resetAfterMs: natural },
      factorPerMille: fc.integer({ min: 1_000, max: 4_000 }),
      jitterPerMille: fc.integer({ min: 0, max: 1_500 }),
      restartsMax: fc.nat({ max: 9 }),
    })
    .map((options) => restartConfig(restartStrategy.exponentialDelay(options))),
);

test("[RY1] [RY2] [RY3] pauses keep to their bounds, whenever and however often it fails", () => {
  const seen = new Map<string, number>();
  const draws = fc.array(fc.nat({ max: JITTER_DRAW_MAX }), { minLength: 40, maxLength: 40 });
  fc.assert(
    fc.property(configs, times, draws, (config, failedMs, drawn) => {
      const told = pauses(config, failedMs, (at) => drawn[at]!);
      const granted = told.filter((pause) => typeof pause === "number");
      for (const pause of granted) {
        expect(pause, "RY3").toBeGreaterThanOrEqual(0);
        expect(pause, "RY3").toBeLessThanOrEqual(restartDelayMsMax(config));
      }
      if (config.kind === "fixed-delay") {
        expect(granted.length, "RY1").toBe(Math.min(config.restartsMax, failedMs.length));
      }
      if (config.kind === "failure-rate") {
        const { failuresMax, intervalMs } = config;
        for (let i = failuresMax - 1; i < granted.length; i++) {
          const apartMs = failedMs[i]! - failedMs[i - failuresMax + 1]!;
          expect(apartMs, "RY2").toBeGreaterThan(intervalMs);
        }
      }
      const end = granted.length < told.length ? "refused" : "granted";
      seen.set(`${config.kind} ${end}`, (seen.get(`${config.kind} ${end}`) ?? 0) + 1);
    }),
    { seed: 121, numRuns: 300 },
  );
  expect(seen.size).toBe(6);
});
