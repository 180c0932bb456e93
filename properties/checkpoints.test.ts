import { expect, test } from "vitest";
import {
  abortedStaysAborted,
  checkpointIdsRise,
  completedIsWhole,
  snapshotsInOrder,
} from "./checkpoints.ts";
import { historyOf, metadataStored, type HandNote } from "./testing.ts";

const triggered = (checkpointId: number, process = "jm"): HandNote => ({
  kind: "checkpoint-triggered",
  checkpointId,
  process,
});
const elected = (epoch: number, process: string): HandNote => ({
  kind: "leader-elected",
  epoch,
  process,
});
const completed = (checkpointId: number, process = "jm"): HandNote => ({
  kind: "checkpoint-completed",
  checkpointId,
  process,
});
const aborted = (checkpointId: number): HandNote => ({
  kind: "checkpoint-aborted",
  checkpointId,
  why: "expired",
});
const acknowledged = (checkpointId: number, vertex: number, subtask = 0): HandNote => ({
  kind: "checkpoint-acknowledged",
  process: "tm-0",
  checkpointId,
  vertex,
  subtask,
});
const snapshot = (checkpointId: number, process = "tm-0"): HandNote => ({
  kind: "snapshot-taken",
  process,
  checkpointId,
  vertex: 1,
  subtask: 0,
});
const ended = (vertex: number): HandNote => ({
  kind: "task-ended",
  process: "tm-0",
  vertex,
  subtask: 0,
});

test("[CK1] [C23] accepts ids that rise, across leaders and with gaps", () => {
  const notes = [
    elected(1, "jm"),
    triggered(1),
    triggered(2),
    elected(2, "jm-1"),
    triggered(65, "jm-1"),
    // The deposed leader has not heard of it yet.
    triggered(3),
  ];
  expect(checkpointIdsRise.check(historyOf({ notes }))).toEqual({
    verdict: "holds",
    evidence: { triggered: 4 },
  });
});

test("[CK1] rejects an id used twice, by whomever", () => {
  const notes = [triggered(1), triggered(2), triggered(2, "jm-1")];
  expect(checkpointIdsRise.check(historyOf({ notes }))).toEqual({
    verdict: "violated",
    detail: "checkpoint 2, triggered by jm-1 at 3.000 ms, step 3, had been triggered before",
  });
});

test("[CK1] rejects an id below those from before the leader's election", () => {
  const notes = [triggered(7), elected(2, "jm"), triggered(5)];
  expect(checkpointIdsRise.check(historyOf({ notes }))).toMatchObject({ verdict: "violated" });
});

test("[CK1] is vacuous with one checkpoint", () => {
  expect(checkpointIdsRise.check(historyOf({ notes: [triggered(1)] }))).toMatchObject({
    verdict: "vacuous",
  });
});

test("[CK2] [C29] accepts a checkpoint that all acknowledged and the store has", () => {
  const notes = [acknowledged(1, 0), acknowledged(1, 1), metadataStored(1), completed(1)];
  expect(completedIsWhole.check(historyOf({ notes }))).toEqual({
    verdict: "holds",
    evidence: { completed: 1, subtasks: 2 },
  });
});

test("[CK2] [C113] does not ask for the acknowledgement of what has ended", () => {
  const first = [acknowledged(1, 0), acknowledged(1, 1), metadataStored(1), completed(1)];
  const notes = [...first, ended(0), acknowledged(2, 1), metadataStored(2), completed(2)];
  expect(completedIsWhole.check(historyOf({ notes }))).toMatchObject({ verdict: "holds" });
  // Restarted, it runs again until it says otherwise.
  const deploying: HandNote = {
    kind: "job-deploying",
    region: 0,
    attempt: 65_538,
    checkpointId: 2,
  };
  const anew = [...notes, deploying, acknowledged(3, 1), metadataStored(3), completed(3)];
  expect(completedIsWhole.check(historyOf({ notes: anew }))).toMatchObject({ verdict: "violated" });
});

test("[CK2] asks those that a rescaled job has, and not those that it had", () => {
  const before = [acknowledged(1, 0), acknowledged(1, 1), metadataStored(1), completed(1)];
  const rescaled: HandNote = { kind: "job-rescaled", subtasks: 1 };
  const notes = [...before, rescaled, acknowledged(2, 0), metadataStored(2), completed(2)];
  expect(completedIsWhole.check(historyOf({ notes }))).toMatchObject({ verdict: "holds" });
  const without = notes.filter((note) => note !== rescaled);
  expect(completedIsWhole.check(historyOf({ notes: without }))).toMatchObject({
    verdict: "violated",
  });
});

test("[CK2] rejects a checkpoint that a subtask did not acknowledge", () => {
  const first = [acknowledged(1, 0), acknowledged(1, 1), metadataStored(1), completed(1)];
  const notes = [...first, acknowledged(2, 1), metadataStored(2), completed(2)];
  expect(completedIsWhole.check(historyOf({ notes }))).toEqual({
    verdict: "violated",
    detail:
      "checkpoint 2 completed at 7.000 ms, step 7, without an acknowledgement by " +
      "0/0 (vertex/subtask)",
  });
});

test("[CK2] rejects a checkpoint whose metadata comes late or never", () => {
  const notes = [acknowledged(1, 0), completed(1), metadataStored(1)];
  expect(completedIsWhole.check(historyOf({ notes }))).toEqual({
    verdict: "violated",
    detail: "checkpoint 1 completed at 2.000 ms, step 2, without stored metadata",
  });
});

test("[CK2] is vacuous when none completed", () => {
  expect(completedIsWhole.check(historyOf({ notes: [acknowledged(1, 0)] }))).toMatchObject({
    verdict: "vacuous",
  });
});

test("[CK3] accepts ids that rise past aborted ones", () => {
  const notes = [completed(1), aborted(2), completed(3)];
  expect(abortedStaysAborted.check(historyOf({ notes }))).toEqual({
    verdict: "holds",
    evidence: { completed: 2, aborted: 1 },
  });
});

test("[CK3] [C30] rejects an aborted checkpoint that completes", () => {
  const notes = [completed(1), aborted(2), completed(2)];
  expect(abortedStaysAborted.check(historyOf({ notes }))).toEqual({
    verdict: "violated",
    detail: "checkpoint 2 completed at 3.000 ms, step 3, once aborted",
  });
});

test("[CK3] [C31] rejects completion out of order, within one process", () => {
  expect(
    abortedStaysAborted.check(historyOf({ notes: [completed(2), completed(1)] })),
  ).toMatchObject({ verdict: "violated" });
  expect(
    abortedStaysAborted.check(historyOf({ notes: [completed(2), completed(1, "jm-1")] })),
  ).toMatchObject({ verdict: "holds" });
});

test("[CK3] is vacuous with nothing but aborts, or one checkpoint", () => {
  for (const notes of [[aborted(1)], [completed(1)]]) {
    expect(abortedStaysAborted.check(historyOf({ notes }))).toMatchObject({ verdict: "vacuous" });
  }
});

test("[CK5] [C11] accepts rising snapshots; two processes may hold two attempts", () => {
  const notes = [snapshot(1), snapshot(3), snapshot(4, "tm-1"), snapshot(4)];
  expect(snapshotsInOrder.check(historyOf({ notes }))).toEqual({
    verdict: "holds",
    evidence: { snapshots: 4 },
  });
});

test("[CK5] [C6] rejects a second snapshot for one checkpoint, and an older one", () => {
  for (const second of [3, 2]) {
    const history = historyOf({ notes: [snapshot(3), snapshot(second)] });
    expect(snapshotsInOrder.check(history)).toEqual({
      verdict: "violated",
      detail:
        `1/0 at tm-0 took its snapshot for checkpoint ${second} at 2.000 ms, step 2, ` +
        "after that for 3",
    });
  }
});

test("[CK5] is vacuous when no subtask took two", () => {
  expect(snapshotsInOrder.check(historyOf({ notes: [snapshot(1)] }))).toMatchObject({
    verdict: "vacuous",
  });
});
