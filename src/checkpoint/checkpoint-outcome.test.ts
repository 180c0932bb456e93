import { expect, test } from "vitest";
import { ackAll, after, completing, play, transcript, triggered } from "./coordinator.fixture.ts";

const quick = { minPauseMs: 0, timeoutMs: 1_000 };

test("[C114] a checkpoint in which some tasks had ended is announced like any other", () => {
  transcript(
    [
      [110, "ack 1 0/0 ended", "ignore nothing-due"],
      [110, "ack 1 0/1", "ignore nothing-due"],
      [110, "ack 1 1/0 ended", "store 1"],
      [120, "stored 1", "completed 1", "wake 200"],
    ],
    triggered(),
  );
});

test("[C41] who asked for a savepoint that succeeds is told no reason", () => {
  const state = after(
    [...completing(110, 1), [120, "ask nightly savepoint"], ...ackAll(130, 2)],
    triggered(quick),
  );
  const { effects } = play(state, [140, "stored 2"]);
  const answer = effects.find(({ kind }) => kind === "answer");
  expect(answer).toEqual({ kind: "answer", name: "nightly", done: true, why: "" });
});

test("[CO10] [C31] [C35] what a completed one ends below it is no failure, however many", () => {
  const checkpoints = { ...quick, maxConcurrent: 4, tolerableFailures: 1 };
  const state = after(
    [[200, "tick"], [300, "tick"], [400, "tick"], ...ackAll(410, 4)],
    triggered(checkpoints),
  );
  const why = "checkpoint 4 is complete";
  const lower = [1, 2, 3].map((id) => `aborted ${id}: ${why}`);
  const next = transcript([[420, "stored 4", "completed 4", ...lower, "wake 500"]], state);
  expect(next.failures).toBe(0);
});
