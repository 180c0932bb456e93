import { describe, expect, test } from "vitest";
import { asAttemptId, asCheckpointId, asSubtaskIndex } from "../core/ids.ts";
import { err, type Result } from "../core/result.ts";
import { TestHost } from "../host/testing.ts";
import { stored, testContext } from "../operators/testing.ts";
import { types } from "../types/serializers.ts";
import { decodeFiled, encodeFiled } from "./sink-state.ts";
import { WRITE_ROWS_MAX } from "./open-transactions.ts";
import { TwoPhaseCommitSink, UNCONFIRMED_ROWS_MAX } from "./two-phase-commit-sink.ts";

const CHECKPOINT_1 = asCheckpointId(1);
const ME = "job/op/0";

function openSink(overrides: Parameters<typeof testContext>[1] = {}) {
  const host = new TestHost();
  const context = testContext(host, overrides);
  const sink = new TwoPhaseCommitSink("counts", types.string);
  const answers: string[] = [];
  return {
    host,
    context,
    sink,
    answers,
    done: (what: string) => (result?: Result<undefined, string>) => {
      answers.push(result?.ok === false ? `${what} failed: ${result.error}` : what);
    },
  };
}

test("[C96] rows are written and pre-committed before the barrier is confirmed", () => {
  const { host, context, sink, answers, done } = openSink();
  sink.open(context, []);
  sink.processElement("a", 1);
  sink.processElement("b", 2);
  expect(host.asked()).toEqual([`fence ${ME} below 1 keep []`]);
  host.answer();
  expect(host.asked()).toEqual([]);

  sink.prepareBarrier(CHECKPOINT_1);
  sink.snapshot(CHECKPOINT_1, done("acknowledge 1"));
  sink.processElement("c", 3);
  expect(host.asked()).toEqual([`write ${ME}#1:1 to counts, 2 rows from 0`]);
  host.answer();
  expect(host.asked()).toEqual([`pre-commit ${ME}#1:1, 2 rows`]);
  expect(answers).toEqual([]);
  host.answer();
  expect(answers).toEqual(["acknowledge 1"]);
  expect(host.writtenRows[0]?.map((row) => row.at(-1))).toEqual(
    ["a", "b"].map((text) => text.charCodeAt(0)),
  );

  sink.checkpointCompleted(CHECKPOINT_1, done("settled 1"));
  expect(host.asked()).toEqual([`commit ${ME}#1:1 for 1`]);
  host.answer();
  expect(answers).toEqual(["acknowledge 1", "settled 1"]);
  expect(host.notes).toEqual([
    { kind: "transaction-pre-committed", checkpointId: 1, transaction: `${ME}#1:1` },
    { kind: "transaction-committed", checkpointId: 1, transaction: `${ME}#1:1` },
  ]);
});

test("[C96] a write that times out is written again, the same rows in the same place", () => {
  const { host, context, sink } = openSink();
  sink.open(context, []);
  host.answer();
  for (let i = 0; i < WRITE_ROWS_MAX; i++) sink.processElement(`row-${i}`, i);
  host.asked();
  host.answer(err({ kind: "timeout" }));
  sink.processElement("later", 0);
  expect(host.asked()).toEqual([]);
  host.advanceMs(20);
  expect(host.asked()).toEqual([`write ${ME}#1:1 to counts, ${WRITE_ROWS_MAX} rows from 0`]);
  expect(host.writtenRows[1]).toEqual(host.writtenRows[0]);
});

test("[C98] a restore commits what the checkpoint had filed, under the id it was filed in", () => {
  const before = openSink();
  before.sink.open(before.context, []);
  before.host.answer();
  before.sink.processElement("a", 1);
  before.sink.prepareBarrier(CHECKPOINT_1);
  const state = stored(before.sink.snapshot(CHECKPOINT_1, before.done("acknowledge")));

  const after = openSink({ restored: true, attempt: asAttemptId(2) });
  after.sink.open(after.context, [state]);
  expect(after.host.asked()).toEqual([`fence ${ME} below 2 keep [${ME}#1:1]`]);
  after.host.answer();
  expect(after.host.asked()).toEqual([`commit ${ME}#1:1 for 1`]);
  after.host.answer();
  after.sink.processElement("b", 2);
  after.sink.prepareBarrier(asCheckpointId(2));
  expect(after.host.asked()).toEqual([`write ${ME}#2:1 to counts, 1 rows from 0`]);
});

test("[C50] restored with an empty share it still fences its older attempts", () => {
  const before = openSink();
  before.sink.open(before.context, []);
  const state = stored(before.sink.snapshot(CHECKPOINT_1, before.done("acknowledge")));
  const after = openSink({ restored: true, attempt: asAttemptId(2) });
  after.sink.open(after.context, [state]);
  expect(after.host.asked()).toEqual([`fence ${ME} below 2 keep []`]);
});

test("[C100] transactions of two subtasks and of two attempts never share an id", () => {
  const ids = [0, 1].flatMap((subtask) =>
    [1, 2].map((attempt) => {
      const index = asSubtaskIndex(subtask);
      const { host, context, sink } = openSink({ subtask: index, attempt: asAttemptId(attempt) });
      sink.open(context, []);
      host.answer();
      sink.processElement("a", 0);
      sink.prepareBarrier(CHECKPOINT_1);
      return host.asked()[1];
    }),
  );
  expect(new Set(ids).size).toBe(4);
});

test("[SQ3] [C99] close aborts the open transaction, stops retries, and hears no answer", () => {
  const { host, context, sink, answers, done } = openSink();
  sink.open(context, []);
  host.answer();
  sink.processElement("a", 1);
  sink.prepareBarrier(CHECKPOINT_1);
  sink.snapshot(CHECKPOINT_1, done("acknowledge 1"));
  host.answer();
  host.answer();
  sink.processElement("b", 2);
  sink.prepareBarrier(asCheckpointId(2));
  host.answer(err({ kind: "timeout" }));
  host.asked();
  sink.close();
  expect(host.timerCount).toBe(0);
  expect(host.asked()).toEqual([`abort ${ME}#1:2`]);
  host.answer();
  expect(answers).toEqual(["acknowledge 1"]);
});

describe("failures", () => {
  test("[SQ4] [C34] a refusal fails the task and the checkpoint in hand, with the ledger's reason", () => {
    const { host, context, sink, answers, done } = openSink();
    sink.open(context, []);
    sink.snapshot(CHECKPOINT_1, done("acknowledge 1"));
    host.answer(err({ kind: "fenced", producer: ME, attempt: 1, by: 2 }));
    const why = `sink "op": the ledger refuses fence, fenced: attempt 1 of ${ME} is followed by 2`;
    expect(context.failures).toEqual([why]);
    expect(answers).toEqual([`acknowledge 1 failed: ${why}`]);
  });

  test("[C98] [C121] a commit that is refused is lost output, and will be after every restart", () => {
    const before = openSink();
    before.sink.open(before.context, []);
    before.host.answer();
    before.sink.processElement("a", 1);
    before.sink.prepareBarrier(CHECKPOINT_1);
    const state = stored(before.sink.snapshot(CHECKPOINT_1, before.done("acknowledge")));
    before.host.answer(err({ kind: "expired", id: `${ME}#1:1` }));
    // Not committed yet: the rows are read again.
    expect([before.context.failures.length, before.context.culprits]).toEqual([1, []]);

    const { host, context, sink } = openSink({ restored: true, attempt: asAttemptId(2) });
    sink.open(context, [state]);
    host.answer();
    host.answer(err({ kind: "expired", id: `${ME}#1:1` }));
    expect(context.failures[0]).toContain(
      `the ledger refuses commit, transaction ${ME}#1:1 has expired`,
    );
    expect(context.culprits).toEqual(["op"]);
  });

  test("more rows than the bound for a ledger that does not answer fail the task", () => {
    const { host, context, sink } = openSink();
    sink.open(context, []);
    host.answer();
    for (let i = 0; i <= UNCONFIRMED_ROWS_MAX + WRITE_ROWS_MAX; i++) sink.processElement("", 0);
    expect(context.failures).toHaveLength(1);
    expect(context.failures[0]).toContain("rows wait for a ledger that does not confirm");
    // The step in which it failed goes on, and the write under way is answered all the same.
    sink.close();
    sink.processElement("", 0);
    host.asked();
    host.answer();
    expect(host.asked()).toEqual([]);
  });

  test("a row of another type names the sink and the row", () => {
    const { context, sink } = openSink();
    sink.open(context, []);
    const wrong = 7 as unknown as string;
    expect(() => sink.processElement(wrong, 0)).toThrow('operator "op" failed serializing row 7');
  });

  test("[C52] broken state is an error, never no state", () => {
    const bytes = encodeFiled({ producer: ME, checkpointId: CHECKPOINT_1, filed: [] });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeFiled(bytes.subarray(0, length))).toThrow();
    }
    expect(() => decodeFiled(new Uint8Array([...bytes, 0]))).toThrow("1 bytes too many");
    expect(() => decodeFiled(new Uint8Array([9]))).toThrow("version 9");
  });
});

test("[C114] the settled call comes once everything filed is committed, however often asked", () => {
  const { host, context, sink, answers, done } = openSink();
  sink.open(context, []);
  host.answer();
  sink.processElement("a", 1);
  sink.finish();
  sink.checkpointCompleted(asCheckpointId(0), done("settled"));
  sink.checkpointCompleted(asCheckpointId(0), done("settled again"));
  host.answer();
  host.answer();
  expect(answers).toEqual([]);
  host.answer();
  expect(answers).toEqual(["settled", "settled again"]);
  expect(host.openRequests).toEqual([]);
});
