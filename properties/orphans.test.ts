import { expect, test } from "vitest";
import { CHECKPOINT_DEFAULTS } from "../src/index.ts";
import { nothingOrphaned, retainedIsWhole } from "./orphans.ts";
import { historyOf, metadataStored } from "./testing.ts";

const kept = [
  "jobs/word-count/_finished",
  "jobs/word-count/ids/0000000000000064",
  "jobs/word-count/leader/0000000000000001",
];
const notes = [metadataStored(1)];

test("[OR1] [C66] accepts a store with nothing but the job's own records", () => {
  expect(nothingOrphaned.check(historyOf({ notes, objectsAtEnd: kept }))).toEqual({
    verdict: "holds",
    evidence: { checkpoints: 1 },
  });
});

test("[OR1] rejects what is left of a checkpoint", () => {
  const left = "checkpoints/word-count/chk-0000000000000003/1.1/0-1";
  for (const outcome of ["finished", "cancelled"] as const) {
    const history = historyOf({ notes, outcome, objectsAtEnd: [...kept, left] });
    expect(nothingOrphaned.check(history)).toEqual({
      verdict: "violated",
      detail: `1 files are left over: ${left}`,
    });
  }
});

test("[OR1] is vacuous when the job is not over, or stored no checkpoint", () => {
  for (const history of [
    historyOf({ notes, outcome: "stuck", objectsAtEnd: ["a/b"] }),
    historyOf({ notes, outcome: "failed", objectsAtEnd: ["a/b"] }),
    historyOf({ objectsAtEnd: kept }),
  ]) {
    expect(nothingOrphaned.check(history)).toMatchObject({ verdict: "vacuous" });
  }
});

const CHECKPOINT = "checkpoints/word-count/chk-0000000000000003";
const left = [
  `${CHECKPOINT}/1.1/0-0`,
  `${CHECKPOINT}/metadata`,
  "checkpoints/word-count/shared/0-0/x",
];
const completed = [...notes, { kind: "checkpoint-completed" as const, checkpointId: 3 }];
const retaining = { ...CHECKPOINT_DEFAULTS, retention: "retain-on-cancellation" } as const;
const cancelled = (objectsAtEnd: readonly string[]) => {
  const history = historyOf({ notes: completed, outcome: "cancelled", objectsAtEnd });
  return { ...history, job: { ...history.job, checkpoints: retaining } };
};

test("[OR2] [C39] accepts the newest checkpoint of a job that was told to keep it, and OR1 with it", () => {
  const history = cancelled([...kept, ...left]);
  expect(retainedIsWhole.check(history)).toMatchObject({ verdict: "holds" });
  expect(nothingOrphaned.check(history)).toMatchObject({ verdict: "holds" });
  const failed = historyOf({ notes: completed, outcome: "failed", objectsAtEnd: left });
  expect(retainedIsWhole.check(failed)).toMatchObject({ verdict: "holds" });
});

test("[OR2] rejects that it is gone, that it is an older one, that there are two, that it is in part", () => {
  const older = left.map((path) => path.replace("03/", "02/"));
  for (const objects of [kept, older, [...older, ...left], left.slice(1, 2)]) {
    expect(retainedIsWhole.check(cancelled(objects))).toMatchObject({ verdict: "violated" });
  }
  const other = `${CHECKPOINT.replace("03", "01")}/1.1/0-0`;
  expect(nothingOrphaned.check(cancelled([...left, other]))).toMatchObject({ verdict: "violated" });
});

test("[OR2] is vacuous where nothing is to be kept, or nothing completed", () => {
  expect(retainedIsWhole.check(historyOf({ notes: completed }))).toMatchObject({
    verdict: "vacuous",
  });
  const history = historyOf({ notes, outcome: "failed", objectsAtEnd: [] });
  expect(retainedIsWhole.check(history)).toMatchObject({ verdict: "vacuous" });
});
