import { expect, test } from "vitest";
import { LATE_EFFECT_MS_MAX, ok } from "../src/index.ts";
import { createRandom } from "./kernel/random.ts";
import { Scheduler } from "./kernel/scheduler.ts";
import { Requests } from "./requests.ts";
import { FakeProcesses } from "./testing/fake-processes.ts";

function world() {
  const scheduler = new Scheduler();
  const requests = new Requests("service", {
    scheduler,
    random: createRandom("1").fork("service"),
    processes: new FakeProcesses(2),
    latency: { minUs: 500, maxUs: 3_000, tailPerMille: 0, tailUs: 1 },
    timeoutPerMille: 100,
  });
  const ask = (process = 0): { effectsAt: number[]; answersAt: number[] } => {
    const seen = { effectsAt: [] as number[], answersAt: [] as number[] };
    requests.issue<undefined, "timeout">({
      process,
      effect: () => {
        seen.effectsAt.push(scheduler.nowUs);
        return ok(undefined);
      },
      timeout: "timeout",
      done: () => seen.answersAt.push(scheduler.nowUs),
    });
    return seen;
  };
  const askMany = (count: number, process = 0) => {
    const seen = Array.from({ length: count }, () => ask(process));
    scheduler.runUntil(scheduler.nowUs + 60_000_000);
    return seen;
  };
  return { requests, scheduler, askMany };
}

test("[RQ1] a doubled request takes effect twice in time, and is answered once", () => {
  const { requests, askMany } = world();
  requests.setTroubles({ doubledPerMille: 1_000 });
  const seen = askMany(100);
  const twice = seen.filter(({ effectsAt }) => effectsAt.length === 2);
  // Those that timed out without an effect have only the second one.
  expect(twice.length).toBeGreaterThan(80);
  for (const { effectsAt, answersAt } of seen) {
    expect(answersAt).toHaveLength(1);
    for (const atUs of effectsAt) expect(atUs).toBeLessThanOrEqual(LATE_EFFECT_MS_MAX * 1_000);
  }
  // Some come when their client has gone on already.
  expect(twice.some(({ effectsAt, answersAt }) => effectsAt.at(-1)! > answersAt[0]!)).toBe(true);
});

test("[RQ2] one that nobody answers takes effect all the same", () => {
  const { requests, askMany } = world();
  requests.setTroubles({ unansweredPerMille: 1_000 });
  const seen = askMany(50);
  expect(seen.flatMap(({ answersAt }) => answersAt)).toEqual([]);
  expect(seen.filter(({ effectsAt }) => effectsAt.length === 1).length).toBeGreaterThan(40);
});

test("slow answers overtake one another; the effects are where they would have been", () => {
  const even = world().askMany(50);
  const { requests, askMany } = world();
  requests.setTroubles({ slowMs: 500 });
  const seen = askMany(50);
  expect(seen.map(({ effectsAt }) => effectsAt)).toEqual(even.map(({ effectsAt }) => effectsAt));
  seen.forEach(({ answersAt }, i) => {
    const laterUs = answersAt[0]! - even[i]!.answersAt[0]!;
    expect(laterUs).toBeGreaterThanOrEqual(0);
    expect(laterUs).toBeLessThanOrEqual(500_000);
  });
  const order = (of: typeof seen) =>
    of.map((_, i) => i).sort((a, b) => of[a]!.answersAt[0]! - of[b]!.answersAt[0]! || a - b);
  expect(order(seen)).not.toEqual(order(even));
});

test("[RT1] a window moves no draw of what comes behind it, nor of another client", () => {
  const even = world();
  const struck = world();
  struck.requests.setTroubles({ slowMs: 300, doubledPerMille: 500, unansweredPerMille: 500 });
  even.askMany(20);
  struck.askMany(20);
  struck.requests.setTroubles({ slowMs: 0, doubledPerMille: 0, unansweredPerMille: 0 });
  expect(struck.askMany(20)).toEqual(even.askMany(20));
  struck.requests.setTroubles({ slowMs: 300, unansweredPerMille: 500 });
  struck.requests.quiet();
  even.requests.quiet();
  expect(struck.askMany(20, 1)).toEqual(even.askMany(20, 1));
});
