import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvariantError } from "../../src/index.ts";
import type { RunRequest } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import { fakeSimulator, HOLDS, VACUOUS, VIOLATED } from "../cli/testing/fake-io.ts";
import { faultHandlers } from "../faults/registry.ts";
import { describeFault } from "./describe-fault.ts";
import { grouped } from "../grouped.ts";
import { brokenRule, hasLeaked, runSeed, verdictOf } from "./run-seed.ts";
import type { SeedAnswer, SeedRunner } from "./runner.ts";
import { inProcessRunner } from "./runner.ts";
import { seedText, seedValue, sliceOf, taskAt } from "./seeds.ts";
import type { SeedTask } from "./seeds.ts";
import { chunkSizeFor, sweep } from "./sweep.ts";
import type { SweepRequest } from "./sweep.ts";

const SCENARIO = { name: "alpha" } as Scenario;
const green = fakeSimulator(() => ({ verdicts: [HOLDS] }));

describe("seeds", () => {
  test("[SD1] shards partition the seeds: each is played by exactly one", () => {
    const sizes = fc.record({
      count: fc.integer({ min: 0, max: 5_000 }),
      of: fc.integer({ min: 1, max: 64 }),
    });
    fc.assert(
      fc.property(sizes, ({ count, of }) => {
        let next = 0;
        for (let shard = 1; shard <= of; shard++) {
          const { from, to } = sliceOf(count, { shard, of });
          expect(from).toBe(next);
          expect(to - from).toBeLessThanOrEqual(Math.ceil(count / of));
          next = to;
        }
        expect(next).toBe(count);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test("[SD1] a shard out of range is refused", () => {
    expect(() => sliceOf(10, { shard: 3, of: 2 })).toThrow(InvariantError);
  });

  test("[SD2] dealt in turn; of each scenario's seeds every 20th and 8th is checked harder", () => {
    const tasks = Array.from({ length: 120 }, (_, i) => taskAt(0x10n, i, 3));
    expect(tasks.slice(0, 4).map(({ scenario, seed }) => `${scenario} ${seed}`)).toEqual([
      ...["0 0x10", "1 0x11", "2 0x12", "0 0x13"],
    ]);
    for (const scenario of [0, 1, 2]) {
      const own = tasks.filter((task) => task.scenario === scenario);
      expect(own.filter(({ again }) => again)).toHaveLength(2);
      expect(own.filter(({ twin }) => twin)).toHaveLength(5);
      expect(own.filter(({ everyCheckpoint }) => everyCheckpoint)).toHaveLength(0);
    }
  });

  test("seeds wrap around at 64 bits, and a commit gives its first 64", () => {
    expect(seedText((1n << 64n) + 5n)).toBe("0x5");
    expect(seedValue(seedText(0xffff_ffff_ffff_ffffn))).toBe(0xffff_ffff_ffff_ffffn);
    const again = Array.from({ length: 6 }, (_, i) => taskAt(0n, i, 1, 0, 2).again);
    expect(again).toEqual([true, false, true, false, true, false]);
    const every = Array.from({ length: 12 }, (_, i) => taskAt(0n, i, 2, 3).everyCheckpoint);
    expect(every).toEqual([0, 1, 2, 0, 1, 2].flatMap((at) => [at === 0, at === 0]));
    const commit = "0123456789abcdef0123456789abcdef01234567" as ReturnType<typeof seedText>;
    expect(seedValue(commit)).toBe(0x0123456789abcdefn);
  });
});

describe("one seed", () => {
  const play = (request: Partial<RunRequest>, answer: Parameters<typeof fakeSimulator>[0]) =>
    runSeed(fakeSimulator(answer), { scenario: SCENARIO, seed: "0x1", ...request });

  test("vacuous is no pass, and one rule that holds is enough for one", () => {
    expect(verdictOf(play({}, () => ({ verdicts: [VACUOUS] })))).toBe("vacuous");
    expect(verdictOf(play({}, () => ({ verdicts: [VACUOUS, HOLDS] })))).toBe("passed");
    expect(verdictOf(play({}, () => ({ verdicts: [HOLDS, VIOLATED] })))).toBe("violated");
  });

  test("plan and story are kept where something is violated", () => {
    const red = play({}, () => ({ verdicts: [VIOLATED] }));
    expect(red.plan?.faults).toHaveLength(2);
    expect(red.story).toEqual(["crash tm-2, restart 900 ms later, at 12_031 ms"]);
    expect(play({}, () => ({ verdicts: [HOLDS] })).plan).toBeUndefined();
  });

  test("a run that throws violates SELF, whatever it throws", () => {
    const thrown = play({}, () => {
      throw new TypeError("x is not a function");
    });
    expect(brokenRule(thrown)).toMatchObject({ id: "SELF", verdict: "violated" });
    expect(brokenRule(thrown)?.detail).toContain("TypeError: x is not a function (sim/");
    const odd = play({ withoutFaults: true }, () => {
      throw "a text";
    });
    expect(brokenRule(odd)?.detail).toBe("threw a text");
    expect(odd.plan?.faults).toEqual([]);
  });

  test("[LEAK] a run that a trap ended is not deterministic, whatever copy it ran in", () => {
    const leak = Object.assign(new Error("Date.now() was called in a run, at a.ts:1"), {
      name: "DeterminismError",
    });
    const thrown = play({}, () => {
      throw leak;
    });
    expect(hasLeaked(thrown)).toBe(true);
    expect(brokenRule(thrown)).toMatchObject({ id: "LEAK", detail: leak.message });
    expect(hasLeaked(play({}, () => ({ verdicts: [VIOLATED] })))).toBe(false);
  });
});

describe("a sweep", () => {
  const never = new AbortController().signal;
  const request = (changes: Partial<SweepRequest> = {}): SweepRequest => ({
    ...{ from: 0, to: 24, chunkSize: () => 4, taskAt: (index: number) => taskAt(0n, index, 1) },
    ...{ isTimeUp: () => false, isEnough: () => false, interrupted: never },
    ...changes,
  });
  const ran = (task: SeedTask): SeedAnswer => ({
    kind: "ran",
    task,
    result: runSeed(green, { scenario: SCENARIO, seed: task.seed }),
  });
  /** Later chunks are done before earlier ones. */
  function backwards(lanes: number): SeedRunner {
    let waiting: (() => void)[] = [];
    return {
      lanes,
      run: (tasks) =>
        new Promise((resolve) => {
          waiting.push(() => resolve(tasks.map(ran)));
          if (waiting.length < lanes) return;
          waiting.reverse().forEach((finish) => finish());
          waiting = [];
        }),
      close: () => Promise.resolve(),
    };
  }

  test("[SW1] answers come in the order of the seeds, whatever order they are ready in", async () => {
    const seen: number[] = [];
    const end = await sweep(request(), backwards(1), ({ task }) => seen.push(task.index));
    expect(end).toBe("done");
    const mixed: number[] = [];
    const runner = backwards(3);
    await sweep(request({ to: 12 }), runner, ({ task }) => mixed.push(task.index));
    expect(seen).toEqual(Array.from({ length: 24 }, (_, i) => i));
    expect(mixed).toEqual(Array.from({ length: 12 }, (_, i) => i));
  });

  test("[SW2] a bail ends with the same seed for every number of lanes and size of chunk", async () => {
    for (const chunkSize of [1, 3, 5]) {
      const runner = inProcessRunner(green, [SCENARIO]);
      const seen: number[] = [];
      const isEnough = (): boolean => seen.length >= 7;
      const end = await sweep(
        request({ chunkSize: () => chunkSize, isEnough }),
        runner,
        ({ task }) => {
          seen.push(task.index);
        },
      );
      expect([end, seen.at(-1)]).toEqual(["bailed", 6]);
    }
  });

  test("[SW3] an interrupt ends it at once, though a worker never answers", async () => {
    const interrupt = new AbortController();
    const silent: SeedRunner = {
      lanes: 2,
      run: () => {
        interrupt.abort();
        return new Promise(() => undefined);
      },
      close: () => Promise.resolve(),
    };
    const end = await sweep(request({ interrupted: interrupt.signal }), silent, () => undefined);
    expect(end).toBe("interrupted");
  });

  test("no seed is handed out once the time is up", async () => {
    const seen: number[] = [];
    const isTimeUp = (): boolean => seen.length >= 8;
    const end = await sweep(request({ isTimeUp }), inProcessRunner(green, [SCENARIO]), (a) => {
      seen.push(a.task.index);
    });
    expect([end, seen.length]).toEqual(["time-up", 8]);
  });

  test("[RU1] every task is answered, one without a scenario too", async () => {
    const runner = inProcessRunner(green, []);
    const answers = await runner.run([taskAt(0n, 0, 1)]);
    expect(answers).toMatchObject([{ kind: "died", why: "no scenario 0" }]);
  });

  test("chunks grow with the speed of a worker, up to a bound; one worker gets single seeds", () => {
    expect(chunkSizeFor(0, 100, 2)).toBe(1);
    expect(chunkSizeFor(100, 10_000, 2)).toBe(1);
    expect(chunkSizeFor(2_000, 10_000, 2)).toBe(5);
    expect(chunkSizeFor(1_000_000, 1_000, 2)).toBe(16);
    expect(chunkSizeFor(1_000_000, 1_000, 1)).toBe(1);
  });
});

test("numbers are grouped, faults read like sentences", () => {
  expect([0, 999, 1_000, 1_234_567].map(grouped)).toEqual(["0", "999", "1_000", "1_234_567"]);
  for (const { kind, does } of Object.values(faultHandlers))
    expect(does, kind).toMatch(/^[a-z].*[a-z]$/);
  const when = { note: "checkpoint-completed", process: "jm-1", nth: 3, afterMs: 5 } as const;
  expect(describeFault({ kind: "lose-control", from: "jm-1", to: "tm-1", when, count: 2 })).toBe(
    "lose 2 control messages from jm-1 to tm-1, 5 ms after checkpoint-completed #3 of jm-1",
  );
});
