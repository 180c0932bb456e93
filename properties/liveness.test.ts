import { describe, expect, test } from "vitest";
import type { RunStats } from "../sim/history.ts";
import { checkpointsGoOn, jobFails, jobFinishes } from "./liveness.ts";
import { copyJob, historyOf, type HandNote } from "./testing.ts";

const quiet: HandNote = { kind: "quiet", process: "world", atMs: 20_000 };
const completedAt = (atMs: number): HandNote => ({
  kind: "checkpoint-completed",
  checkpointId: 7,
  atMs,
});
const lasting = (simulatedMs: number): { stats: RunStats } => ({
  stats: { ...historyOf({}).stats, simulatedMs },
});

test("[LV1] [C126] accepts a job that finished, or was cancelled on request", () => {
  expect(jobFinishes.check(historyOf({}))).toMatchObject({ verdict: "holds" });
  const notes: HandNote[] = [{ kind: "cancel-requested" }, { kind: "job-cancelled" }];
  expect(jobFinishes.check(historyOf({ outcome: "cancelled", notes }))).toMatchObject({
    verdict: "holds",
  });
});

test("[LV1] accepts a job that was stopped behind a savepoint", () => {
  expect(jobFinishes.check(historyOf({ outcome: "stopped" }))).toMatchObject({ verdict: "holds" });
});

test("[LV1] rejects a job that stands still, and says where", () => {
  const notes: HandNote[] = [{ kind: "checkpoint-triggered", checkpointId: 4 }, quiet];
  expect(jobFinishes.check(historyOf({ outcome: "stuck", notes }))).toEqual({
    verdict: "violated",
    detail: "the job did not end in time; its last sign was checkpoint-triggered of jm at 1 ms",
  });
  expect(jobFinishes.check(historyOf({ outcome: "stuck" }))).toMatchObject({
    detail: "the job did not end in time; it never gave a sign of life",
  });
});

test("[LV1] rejects a job that failed for good, and says why", () => {
  const notes: HandNote[] = [{ kind: "job-failed", why: "10 restarts are spent" }];
  expect(jobFinishes.check(historyOf({ outcome: "failed", notes }))).toEqual({
    verdict: "violated",
    detail: "the job has failed for good: 10 restarts are spent",
  });
});

test("[LV1] rejects a cancellation out of nowhere; it is never vacuous", () => {
  expect(jobFinishes.check(historyOf({ outcome: "cancelled" }))).toMatchObject({
    verdict: "violated",
  });
});

test("[LV3] [C121] accepts a job that failed for good, and said what it had to", () => {
  const notes: HandNote[] = [{ kind: "job-failed", why: "record 7: no order" }];
  const history = historyOf({ outcome: "failed", notes });
  expect(jobFails("no order").check(history)).toMatchObject({ verdict: "holds" });
  expect(jobFails("no amount").check(history)).toEqual({
    verdict: "violated",
    detail: 'expected "no amount", but it failed for: record 7: no order',
  });
});

test("[LV3] rejects one that goes on, or ends in another way", () => {
  const notes: HandNote[] = [{ kind: "job-restarting", afterMs: 1, restarts: 1 }];
  expect(jobFails("no order").check(historyOf({ outcome: "stuck", notes }))).toEqual({
    verdict: "violated",
    detail: "the job should have failed; its last sign was job-restarting of jm at 1 ms",
  });
  expect(jobFails("no order").check(historyOf({}))).toEqual({
    verdict: "violated",
    detail: 'the job is finished; it should have failed with "no order"',
  });
});

test("[LV3] a job that fails of a fault need not where none has struck; it must get to its end then", () => {
  const fails = jobFails("are gone", "log-loses");
  expect(fails.check(historyOf({}))).toEqual({
    verdict: "vacuous",
    why: "no log-loses has struck, and the job is finished",
  });
  const struck = { stats: { ...historyOf({}).stats, faults: { "log-loses": 1 } } };
  expect(fails.check(historyOf(struck))).toMatchObject({ verdict: "violated" });
  expect(fails.check(historyOf({ outcome: "stuck" }))).toMatchObject({ verdict: "violated" });
});

describe("[LV2]", () => {
  test("[C126] accepts a checkpoint behind the quiet point", () => {
    const notes = [completedAt(10_000), quiet, completedAt(21_000)];
    expect(checkpointsGoOn.check(historyOf({ notes }))).toEqual({
      verdict: "holds",
      evidence: { completed: 1 },
    });
  });

  test("[C37] rejects a job that goes on without any", () => {
    const notes = [completedAt(10_000), quiet];
    const history = historyOf({ outcome: "stuck", notes, ...lasting(80_000) });
    expect(checkpointsGoOn.check(history)).toEqual({
      verdict: "violated",
      detail: "no checkpoint completed in the 60000 ms behind the quiet point",
    });
  });

  test("is vacuous when the job had too little time, or was over before", () => {
    const short = historyOf({ notes: [quiet, { kind: "job-finished", atMs: 21_000 }] });
    expect(checkpointsGoOn.check(short)).toMatchObject({ verdict: "vacuous" });
    const over = historyOf({ notes: [{ kind: "job-finished", atMs: 5_000 }, quiet] });
    expect(checkpointsGoOn.check(over)).toMatchObject({ verdict: "vacuous" });
    expect(checkpointsGoOn.check(historyOf({}))).toMatchObject({ verdict: "vacuous" });
  });

  test("is vacuous when checkpointing is off", () => {
    const job = { ...copyJob, checkpoints: { ...copyJob.checkpoints, intervalMs: 0 } };
    expect(checkpointsGoOn.check(historyOf({ job, notes: [quiet] }))).toMatchObject({
      verdict: "vacuous",
    });
  });
});
