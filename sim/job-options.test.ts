import { describe, expect, test } from "vitest";
import { ANY_SETTINGS } from "../scenarios/scenario.ts";
import { wordCount as wordCountJob } from "../scenarios/jobs/word-count.ts";
import { drained as drainedStory } from "../scenarios/drained.ts";
import { tableOfLatest } from "../scenarios/table-of-latest.ts";
import { wordCount } from "../scenarios/word-count.ts";
import { jobOptions } from "./cli/job-schema.ts";
import { calmOptions } from "./explore/calm-options.ts";
import { drawJobOptions, JOB_FIELDS } from "./faults/draw-job.ts";
import { slotsNeeded } from "./faults/draw-plan.ts";
import { storyOf } from "./generated.ts";
import { describeJobOptions, withJobOptions, type JobOptions } from "./job-options.ts";
import { createRandom } from "./kernel/random.ts";
import type { RunOptions } from "./plan.ts";
import { drawPlan, runScenario } from "./run.ts";

const SEEDS = Array.from({ length: 150 }, (_, i) => `0x${i.toString(16)}`);
const drawn = SEEDS.map((seed) => drawPlan(wordCount, seed));
const job = wordCountJob({ parallelism: 2 });

describe("settings of a job", () => {
  test("[JO1] change nothing but settings, and only those that are named", () => {
    expect(withJobOptions(job, {})).toEqual(job);
    const other = withJobOptions(job, { retained: 3, backend: { kind: "memory" } });
    expect(other.checkpoints).toEqual({ ...job.checkpoints, retained: 3 });
    expect(other.backend.name).toBe("memory");
    const wide = withJobOptions(job, { parallelism: 4 });
    const strip = ({ nodes }: typeof job) => nodes.map((node) => ({ ...node, parallelism: 0 }));
    expect(strip(wide)).toEqual(strip(job));
    expect(slotsNeeded({ ...wordCount, job: wide })).toBe(4);
    expect(() => withJobOptions(job, { parallelism: 1_000_000 })).toThrow("JO1");
  });

  test("of every field are drawn, and each in a part of the seeds only", () => {
    for (const field of JOB_FIELDS.filter((name) => name !== "protocol")) {
      const seeds = drawn.filter(({ options }) => options.job?.[field] !== undefined).length;
      expect(seeds, field).toBeGreaterThan(15);
      expect(seeds, field).toBeLessThan(90);
    }
    const alone = drawn.filter(({ options }) => options.job?.protocol !== undefined);
    expect(alone.length).toBeGreaterThan(3);
    expect(alone.length).toBeLessThan(25);
    const kinds = drawn.map(({ options }) => options.job?.backend?.kind);
    expect([...new Set(kinds)].filter((kind) => kind !== undefined).sort()).toEqual([
      ...["changelog", "disk", "memory", "remote"],
    ]);
  });

  test("that a story has not left free are never drawn; leaving one out moves no other", () => {
    const free = ANY_SETTINGS.filter((field) => field !== "backend");
    const all = drawJobOptions(wordCount, createRandom("any")) ?? {};
    expect(all).toHaveProperty("backend");
    const swarm = { ...wordCount.swarm, free };
    const { backend: _, ...rest } = all;
    expect(drawJobOptions({ ...wordCount, swarm }, createRandom("any")) ?? {}).toEqual(rest);
    const { free: none, ...fixed } = wordCount.swarm;
    expect(none).toBeDefined();
    for (const seed of SEEDS.slice(0, 40)) {
      expect(drawPlan({ ...wordCount, swarm: fixed }, seed).options).not.toHaveProperty("job");
    }
  });

  test("are part of the plan, and have a cluster that is wide enough", () => {
    for (const plan of drawn) {
      const settings = plan.options.job ?? {};
      expect(jobOptions.parse(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
      const { taskManagers, slotsPerTaskManager } = plan.options;
      const needed = slotsNeeded(storyOf(wordCount, plan));
      expect(taskManagers * slotsPerTaskManager).toBeGreaterThanOrEqual(needed);
    }
  });

  test("are told in words", () => {
    const backend = { kind: "changelog", segmentBytes: 512, materializeMs: 2_000 } as const;
    expect(describeJobOptions({ parallelism: 3, incremental: false, backend })).toEqual([
      "3 wide",
      "incremental false",
      "state: changelog, segmentBytes 512, materializeMs 2_000",
    ]);
  });

  test("shrink to those that a failure needs", () => {
    const settings: JobOptions = { parallelism: 3, retained: 2, incremental: false };
    const options: RunOptions = { ...drawn[0]!.options, job: settings };
    let smallest = options;
    calmOptions(options, (tried) => {
      const fails = tried.job?.retained === 2;
      if (fails) smallest = tried;
      return fails;
    });
    expect(smallest.job).toEqual({ retained: 2 });
  });
});

describe("checkpoints without barriers", () => {
  const alone = drawn.filter(({ options }) => options.job?.protocol === "uncoordinated");

  test("are drawn without what is said of barriers, and make a job that can be built", () => {
    const { checkpoints } = withJobOptions(
      withJobOptions(job, { minPauseMs: 20, maxConcurrent: 3, overtakeAfterMs: 0 }),
      { protocol: "uncoordinated", localRecovery: true },
    );
    expect(checkpoints).toMatchObject({
      ...{ protocol: "uncoordinated", mode: "exactly-once", unaligned: false },
      ...{ minPauseMs: 0, maxConcurrent: 1, localRecovery: false },
    });
    for (const { options } of alone) {
      for (const field of ["overtakeAfterMs", "minPauseMs", "maxConcurrent", "localRecovery"])
        expect(options.job).not.toHaveProperty(field);
    }
  });

  test("are for no story that takes savepoints, or whose sinks need barriers", () => {
    for (const story of [drainedStory, tableOfLatest]) {
      const free = { ...story, swarm: { ...story.swarm, free: ANY_SETTINGS } };
      for (const seed of SEEDS) {
        expect(drawPlan(free, seed).options.job ?? {}).not.toHaveProperty("protocol");
      }
    }
  });
});

test("pauses between restarts grow where they were all the same, and never from nothing", () => {
  const grown = withJobOptions(job, { restartDelayMs: 0, restartDelayMsMax: 1_000 });
  expect(grown.restart).toMatchObject({ kind: "exponential-delay", delayMs: 1, delayMsMax: 1_000 });
  expect(withJobOptions(grown, { restartDelayMs: 0 }).restart).toEqual(grown.restart);
  const never = { ...job, restart: { kind: "none", sameFailuresMax: 3 } } as const;
  expect(withJobOptions(never, { restartDelayMsMax: 9 }).restart).toEqual(never.restart);
});

const ALL: readonly JobOptions[] = [
  { parallelism: 3, overtakeAfterMs: 0, backend: { kind: "disk", memtableBytes: 256 } },
  { protocol: "uncoordinated", retained: 2, backend: { kind: "disk", memtableBytes: 1_024 } },
  { parallelism: 1, localRecovery: true, backend: { kind: "remote", memtableBytes: 1_024 } },
  {
    ...{ minPauseMs: 100, restartDelayMsMax: 1_000 },
    ...{ intervalMs: 400, maxConcurrent: 3, restartDelayMs: 0, incremental: false },
    backend: { kind: "changelog", segmentBytes: 64, materializeMs: 500 },
  },
];

test.each(ALL)("a job runs with %j as it does without", (settings) => {
  const story = { ...wordCount, options: { job: settings } };
  const { history, verdicts } = runScenario({ scenario: story, seed: "0x5", again: true });
  expect(verdicts.filter(({ verdict }) => verdict === "violated")).toEqual([]);
  expect(history.job.backend.name).toContain(settings.backend?.kind ?? "");
  expect(history.digestAgain).toBe(history.digest);
  expect(history.outcome).toBe("finished");
});
