/** A writer and its committer, as operators; the protocols have tests of their own. */
import { describe, expect, test } from "vitest";
import { asAttemptId, asCheckpointId } from "../core/ids.ts";
import { err, type Result } from "../core/result.ts";
import { TestHost } from "../host/testing.ts";
import type { Output } from "../operators/operator.ts";
import { RecordingOutput, stored, testContext } from "../operators/testing.ts";
import { types } from "../types/serializers.ts";
import type { Committable } from "./committable.ts";
import { CommitterOperator } from "./committer-operator.ts";
import { HELD_ROWS_MAX, LedgerWriter } from "./ledger-writer.ts";
import { WRITE_ROWS_MAX } from "./open-transactions.ts";

const ME = "job/op/0";
const CHECKPOINT_1 = asCheckpointId(1);
const COMMITTABLE: Committable = { producer: ME, attempt: 1, number: 1, filedUnder: 1 };

function openWriter(overrides: Parameters<typeof testContext>[1] = {}) {
  const host = new TestHost();
  const output = new RecordingOutput();
  const context = testContext(host, overrides);
  const writer = new LedgerWriter("counts", types.string, output as Output<Committable>);
  const answers: string[] = [];
  const done = (what: string) => (result?: Result<undefined, string>) => {
    answers.push(result?.ok === false ? `${what} failed: ${result.error}` : what);
  };
  return { host, output, context, writer, answers, done };
}

describe("a writer", () => {
  test("[WT2] [C96] sends the committable in front of the barrier, and confirms it later", () => {
    const { host, output, context, writer, answers, done } = openWriter();
    writer.open(context, []);
    host.answer();
    writer.processElement("a", 1);
    writer.prepareBarrier(CHECKPOINT_1);
    expect(output.take()).toEqual([`${JSON.stringify(COMMITTABLE)}@-`]);
    writer.snapshot(CHECKPOINT_1, done("acknowledge 1"));
    host.answer();
    expect([host.asked().at(-1), answers]).toEqual([`pre-commit ${ME}#1:1, 1 rows`, []]);
    host.answer();
    expect(answers).toEqual(["acknowledge 1"]);
    expect(host.notes).toEqual([
      { kind: "transaction-pre-committed", checkpointId: 1, transaction: `${ME}#1:1` },
    ]);
  });

  test("[WT3] [C98] restored, it fences its older attempts behind what it had handed over", () => {
    const before = openWriter();
    before.writer.open(before.context, []);
    before.writer.processElement("a", 1);
    before.writer.prepareBarrier(CHECKPOINT_1);
    const state = stored(before.writer.snapshot(CHECKPOINT_1, before.done("acknowledge")));
    const after = openWriter({ restored: true, attempt: asAttemptId(2) });
    after.writer.open(after.context, [state]);
    expect(after.host.asked()).toEqual([`fence ${ME} below 2 behind 1:1`]);
  });

  test("takes no more input while too many rows wait, and wakes when there is room", () => {
    const { host, context, writer } = openWriter();
    writer.open(context, []);
    host.answer();
    for (let i = 0; i < HELD_ROWS_MAX; i++) writer.processElement("", 0);
    expect([writer.available, context.failures]).toEqual([false, []]);
    const woken = context.wakeUps.count;
    host.answer();
    expect([writer.available, context.wakeUps.count]).toEqual([true, woken + 1]);
  });

  test("[WT4] [C101] passes the end on once the last rows are pre-committed", () => {
    const { host, output, context, writer } = openWriter();
    writer.open(context, []);
    host.answer();
    writer.processElement("a", 1);
    expect([writer.finish(), output.take().length]).toEqual([false, 1]);
    host.answer();
    expect(writer.finish()).toBe(false);
    host.answer();
    expect([writer.finish(), output.take()]).toEqual([true, []]);
  });

  test("[C34] a refusal fails the task and the checkpoint in hand; a time-out does neither", () => {
    const { host, context, writer, answers, done } = openWriter();
    writer.open(context, []);
    host.answer();
    for (let i = 0; i < WRITE_ROWS_MAX; i++) writer.processElement("a", 1);
    writer.prepareBarrier(CHECKPOINT_1);
    writer.snapshot(CHECKPOINT_1, done("acknowledge 1"));
    host.answer(err({ kind: "timeout" }));
    host.advanceMs(20);
    host.answer(err({ kind: "fenced", producer: ME, attempt: 1, by: 2 }));
    const why = `sink "op": the ledger refuses write, fenced: attempt 1 of ${ME} is followed by 2`;
    expect([context.failures, answers]).toEqual([[why], [`acknowledge 1 failed: ${why}`]]);
  });

  test("[C99] close aborts the open transaction, stops retries, and hears no answer", () => {
    const { host, context, writer } = openWriter();
    writer.open(context, []);
    host.answer();
    for (let i = 0; i < WRITE_ROWS_MAX; i++) writer.processElement("a", 1);
    host.answer(err({ kind: "timeout" }));
    writer.close();
    expect([host.timerCount, host.asked().at(-1)]).toEqual([0, `abort ${ME}#1:1`]);
  });

  test("a row of another type names the sink and the row", () => {
    const { context, writer } = openWriter();
    writer.open(context, []);
    const wrong = 7 as unknown as string;
    expect(() => writer.processElement(wrong, 0)).toThrow('operator "op" failed serializing row 7');
  });
});

describe("a committer", () => {
  test("[CM1] [C97] keeps a committable until its checkpoint is complete, and says when it is done", () => {
    const { host, context, answers, done } = openWriter();
    const committer = new CommitterOperator();
    committer.open(context, []);
    committer.processElement(COMMITTABLE);
    committer.snapshot(CHECKPOINT_1, done("acknowledge 1"));
    expect([host.asked(), answers]).toEqual([[], ["acknowledge 1"]]);
    committer.checkpointCompleted(CHECKPOINT_1, done("settled"));
    expect(host.asked()).toEqual([`commit ${ME}#1:1 for 1`]);
    host.answer(err({ kind: "timeout" }));
    host.advanceMs(20);
    host.answer();
    expect(answers).toEqual(["acknowledge 1", "settled"]);
    expect(host.notes).toEqual([
      { kind: "transaction-committed", checkpointId: 1, transaction: `${ME}#1:1` },
    ]);
  });

  test("[C98] restored, it commits what it held; [C34] what is refused fails the task", () => {
    const before = openWriter();
    const first = new CommitterOperator();
    first.open(before.context, []);
    first.processElement(COMMITTABLE);
    const state = stored(first.snapshot(CHECKPOINT_1, before.done("acknowledge")));
    const { host, context, answers, done } = openWriter({ restored: true });
    const committer = new CommitterOperator();
    committer.open(context, [state]);
    committer.snapshot(asCheckpointId(2), done("acknowledge 2"));
    expect(host.asked()).toEqual([`commit ${ME}#1:1 for 1`]);
    host.answer(err({ kind: "unknown-transaction", id: `${ME}#1:1` }));
    const why = `sink "op": the ledger refuses commit, unknown transaction ${ME}#1:1`;
    expect([context.failures, answers]).toEqual([[why], [`acknowledge 2 failed: ${why}`]]);
    // Whoever is restored with it hears the same: the job must not try for ever.
    expect(context.culprits).toEqual(["op"]);
  });
});
