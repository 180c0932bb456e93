import { expect, test } from "vitest";
import { restoresNewest } from "./restore.ts";
import { historyOf, metadataStored, type HandNote } from "./testing.ts";

const failing: HandNote = { kind: "job-failing", region: 0, attempt: 65_537, why: "tm-1 is lost" };
const elected: HandNote = { kind: "leader-elected", epoch: 2 };
const restored = (checkpointId: number): HandNote => ({
  kind: "job-restored",
  region: 0,
  attempt: 65_538,
  checkpointId,
});
const completed = (checkpointId: number): HandNote => ({
  kind: "checkpoint-completed",
  checkpointId,
});
const deleted = (checkpointId: number): HandNote => ({
  ...(metadataStored(checkpointId) as Extract<HandNote, { path: string }>),
  kind: "object-deleted",
});

test("[CK4] [C47] accepts the numerically highest, over failures and elections", () => {
  const notes = [
    ...[metadataStored(9), metadataStored(10), failing, restored(10)],
    ...[metadataStored(11), deleted(9), deleted(10), elected, restored(11)],
  ];
  expect(restoresNewest.check(historyOf({ notes }))).toEqual({
    verdict: "holds",
    evidence: { restores: 2 },
  });
});

test("[CK4] lets a checkpoint that became durable during recovery be used, or not", () => {
  for (const id of [4, 5]) {
    const notes = [metadataStored(4), failing, metadataStored(5), restored(id)];
    expect(restoresNewest.check(historyOf({ notes }))).toMatchObject({ verdict: "holds" });
  }
});

test("[CK4] rejects an older checkpoint, and starting from nothing", () => {
  for (const checkpointId of [9, 0]) {
    const deploying: HandNote = { kind: "job-deploying", region: 0, attempt: 65_538, checkpointId };
    const notes = [metadataStored(9), metadataStored(10), failing, deploying];
    expect(restoresNewest.check(historyOf({ notes }))).toMatchObject({ verdict: "violated" });
  }
});

test("[CK4] rejects going behind a checkpoint that was announced, durable or not", () => {
  const notes = [metadataStored(4), completed(5), elected, restored(4)];
  expect(restoresNewest.check(historyOf({ notes }))).toEqual({
    verdict: "violated",
    detail:
      "the job was deployed from checkpoint 4 (0: none) at 4.000 ms, step 4, " +
      "though 5 had been completed before the restart",
  });
});

test("[CK4] rejects a checkpoint that is not in the store", () => {
  const notes = [metadataStored(4), failing, deleted(4), restored(4)];
  expect(restoresNewest.check(historyOf({ notes }))).toEqual({
    verdict: "violated",
    detail:
      "the job was restored from checkpoint 4 at 4.000 ms, step 4, whose metadata is not there",
  });
});

test("[CK4] is vacuous when nothing was restored from a checkpoint", () => {
  const deploying: HandNote = {
    kind: "job-deploying",
    region: 0,
    attempt: 65_537,
    checkpointId: 0,
  };
  expect(restoresNewest.check(historyOf({ notes: [deploying, failing, deploying] }))).toMatchObject(
    {
      verdict: "vacuous",
    },
  );
});
