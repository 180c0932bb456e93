import { expect, test } from "vitest";
import { requestsAreAnswered } from "./answers.ts";
import { historyOf, type HandNote } from "./testing.ts";

const asked = (id: string): HandNote => ({ kind: "action-requested", id });
const answered = (id: string, done: boolean): HandNote => ({
  ...{ kind: "action-answered", id, done, why: done ? "" : "no" },
});
const ended: HandNote = { kind: "task-ended", vertex: 0, subtask: 0 };
const aborted: HandNote = { kind: "checkpoint-aborted", checkpointId: 3, why: "expired" };
const check = (...notes: readonly HandNote[]) => requestsAreAnswered.check(historyOf({ notes }));

test("[AN1] holds when what was asked for was done", () => {
  const notes = [asked("savepoint-1"), answered("savepoint-1", true), asked("rescale-2")];
  expect(check(...notes, answered("rescale-2", true))).toEqual({
    verdict: "holds",
    evidence: { done: 2, refused: 0 },
  });
});

test("[AN1] is violated by a refusal without a reason, and by a request that nobody answers", () => {
  expect(check(asked("rescale-1"), answered("rescale-1", false))).toMatchObject({
    verdict: "violated",
  });
  expect(check(aborted, asked("savepoint-1"), answered("savepoint-1", false))).toMatchObject({
    verdict: "violated",
  });
  expect(check(asked("rescale-1"), aborted, answered("rescale-1", false))).toMatchObject({
    verdict: "violated",
  });
  expect(check(asked("savepoint-1"))).toMatchObject({ verdict: "violated" });
});

test("[AN1] is vacuous when a reason was all that was given, and when nothing was asked", () => {
  for (const notes of [
    [ended, asked("rescale-1"), answered("rescale-1", false)],
    [asked("stop-1"), aborted, answered("stop-1", false)],
    [],
  ]) {
    expect(check(...notes)).toMatchObject({ verdict: "vacuous" });
  }
});

test("[AN1] counts a refusal beside what was done; a resumed job has not ended any more", () => {
  const stopped = [asked("stop-1"), ended, answered("stop-1", true)];
  const resumed: readonly HandNote[] = [
    ...stopped,
    asked("resume-stop-1"),
    { kind: "job-resumed", run: 2 },
    answered("resume-stop-1", true),
  ];
  const late = [asked("rescale-2"), answered("rescale-2", false)];
  expect(check(...resumed, ...late)).toMatchObject({ verdict: "violated" });
  expect(check(...resumed, ended, ...late)).toMatchObject({ evidence: { done: 2, refused: 1 } });
});
