/** Both sinks of tables, as operators, and what they keep; the protocols have tests of their own. */
import { describe, expect, test } from "vitest";
import { asAttemptId, asCheckpointId } from "../core/ids.ts";
import { err, ok, type Result } from "../core/result.ts";
import { TestHost } from "../host/testing.ts";
import { stored, testContext } from "../operators/testing.ts";
import { types } from "../types/serializers.ts";
import { EpochTableSink } from "./epoch-table-sink.ts";
import type { TableRows } from "./keyed-row-buffer.ts";
import { WRITE_ROWS_MAX } from "./open-transactions.ts";
import { HELD_ROWS_MAX, TableSink } from "./table-sink.ts";
import { decodeEpochs, encodeEpochs, TABLE_STATE } from "./table-state.ts";

const ME = "job/op/0";
const CHECKPOINT_1 = asCheckpointId(1);
const SPEC: TableRows<string, string> = {
  table: "words",
  key: (word) => word.slice(0, 1),
  keyType: types.string,
  rowType: types.string,
};

function stage(overrides: Parameters<typeof testContext>[1] = {}) {
  const host = new TestHost();
  const context = testContext(host, overrides);
  const answers: string[] = [];
  const done = (what: string) => (result?: Result<undefined, string>) => {
    answers.push(result?.ok === false ? `${what} failed: ${result.error}` : what);
  };
  const lastRows = (): string[] =>
    (host.writtenRows.at(-1) ?? []).map((row) => String.fromCharCode(...row.subarray(1)));
  return { host, context, answers, done, lastRows };
}

function openEpochSink(overrides: Parameters<typeof testContext>[1] = {}) {
  const all = stage(overrides);
  return { ...all, sink: new EpochTableSink(SPEC) };
}

describe("a sink of epochs", () => {
  test("[TE1] [TE4] keeps rows in the checkpoint, and puts them once it is complete", () => {
    const { host, context, sink, answers, done, lastRows } = openEpochSink();
    sink.open(context, []);
    expect([host.asked(), sink.available]).toEqual([[`begin ${ME} in words`], false]);
    host.answer(ok(3));
    expect([sink.available, context.wakeUps.count]).toEqual([true, 1]);
    sink.processElement("ab", 1);
    sink.processElement("cd", 1);
    sink.prepareBarrier(CHECKPOINT_1);
    const state = stored(sink.snapshot(CHECKPOINT_1, done("acknowledge 1")));
    sink.processElement("ae", 1);
    expect([host.asked(), answers]).toEqual([[], ["acknowledge 1"]]);
    const share = decodeEpochs(state.operatorState[0]!.elements[0]!);
    expect(share.epochs).toEqual({
      ...{ writer: ME, life: 3, checkpointId: 1 },
      sealed: [{ epoch: 1, rows: 2 }],
    });
    sink.checkpointCompleted(CHECKPOINT_1, done("settled 1"));
    expect(host.asked()).toEqual([`put 1 of ${ME}@3 in words, 2 rows`]);
    expect(lastRows()).toEqual(["ab", "cd"]);
    host.answer(err({ kind: "timeout" }));
    host.advanceMs(20);
    expect(lastRows()).toEqual(["ab", "cd"]);
    host.answer();
    expect(answers).toEqual(["acknowledge 1", "settled 1"]);
    expect(host.notes).toEqual([
      { kind: "transaction-committed", checkpointId: 1, transaction: `${ME}#3:1` },
    ]);
  });

  test("[C102] [C98] restored, it puts what the table lacks, and its own behind that", () => {
    const before = openEpochSink();
    before.sink.open(before.context, []);
    before.host.answer(ok(3));
    for (const [id, row] of [
      [1, "ab"],
      [2, "cd"],
    ] as const) {
      before.sink.processElement(row, 1);
      before.sink.prepareBarrier(asCheckpointId(id));
      if (id === 1) before.sink.snapshot(asCheckpointId(id), before.done("1"));
    }
    const state = stored(before.sink.snapshot(asCheckpointId(2), before.done("2")));

    const { host, context, sink, answers, done, lastRows } = openEpochSink({
      restored: true,
      attempt: asAttemptId(2),
    });
    sink.open(context, [state]);
    host.answer(ok(4));
    sink.processElement("ef", 1);
    sink.prepareBarrier(asCheckpointId(3));
    const next = stored(sink.snapshot(asCheckpointId(3), done("acknowledge 3")));
    expect([host.asked().at(-1), answers]).toEqual([`read ${ME}@3 in words`, []]);
    host.answer(ok(1));
    expect(host.asked()).toEqual([`put 2 of ${ME}@3 in words, 1 rows`]);
    expect(lastRows()).toEqual(["cd"]);
    host.answer();
    expect(answers).toEqual(["acknowledge 3"]);
    const { epochs, rows } = decodeEpochs(next.operatorState[0]!.elements[0]!);
    expect([epochs.life, epochs.sealed, rows.rows.ends.length]).toEqual([
      4,
      [{ epoch: 3, rows: 1 }],
      1,
    ]);
    sink.checkpointCompleted(asCheckpointId(3), done("settled 3"));
    expect(lastRows()).toEqual(["ef"]);
  });

  test("[C34] a refusal fails the task; close stops retries and hears no answer", () => {
    const refused = openEpochSink();
    refused.sink.open(refused.context, []);
    refused.host.answer(err({ kind: "refused", why: "it is full" }));
    expect(refused.context.failures).toEqual([
      'sink "op": table "words" refuses begin, it is full',
    ]);
    const closed = openEpochSink();
    closed.sink.open(closed.context, []);
    closed.host.answer(err({ kind: "timeout" }));
    closed.sink.close();
    expect(closed.host.timerCount).toBe(0);
  });

  test("a row or a key of another type names the sink and the row, and leaves no trace", () => {
    const { host, context, done } = stage();
    const sink = new EpochTableSink<number, string>({
      ...{ table: "odd", rowType: types.long, keyType: types.string },
      key: (value) => (value === 2 ? (7 as unknown as string) : "k"),
    });
    sink.open(context, []);
    host.answer(ok(1));
    sink.processElement(1, 0);
    expect(() => sink.processElement(0.5, 0)).toThrow('operator "op" failed serializing row 0.5');
    expect(() => sink.processElement(2, 0)).toThrow('operator "op" failed serializing row 2');
    sink.prepareBarrier(CHECKPOINT_1);
    const { operatorState } = sink.snapshot(CHECKPOINT_1, done("1"));
    expect(decodeEpochs(operatorState[0]!.elements[0]!).rows.rows.ends).toHaveLength(1);
  });
});

test("[C52] broken state is an error, never no state", () => {
  const bytes = encodeEpochs({
    epochs: { writer: ME, life: 1, checkpointId: 1, sealed: [{ epoch: CHECKPOINT_1, rows: 1 }] },
    rows: {
      keys: { bytes: Uint8Array.of(7), ends: [1] },
      rows: { bytes: Uint8Array.of(8, 9), ends: [2] },
    },
  });
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodeEpochs(bytes.subarray(0, length))).toThrow();
  }
  expect(() => decodeEpochs(new Uint8Array([...bytes, 0]))).toThrow("1 bytes too many");
  expect(() => decodeEpochs(new Uint8Array([9]))).toThrow("version 9");
});

describe("a sink of rows", () => {
  test("[TW1] [C96] confirms a barrier once the rows before it are in the table", () => {
    const { host, context, answers, done, lastRows } = stage();
    const sink = new TableSink(SPEC);
    sink.open(context, []);
    sink.processElement("ab", 1);
    expect(host.asked()).toEqual([]);
    sink.prepareBarrier(CHECKPOINT_1);
    sink.snapshot(CHECKPOINT_1, done("acknowledge 1"));
    expect([host.asked(), lastRows(), answers]).toEqual([["put 1:1 in words, 1 rows"], ["ab"], []]);
    host.answer(err({ kind: "timeout" }));
    host.advanceMs(20);
    expect([host.asked(), answers]).toEqual([["put 1:1 in words, 1 rows"], []]);
    host.answer();
    expect(answers).toEqual(["acknowledge 1"]);
    sink.checkpointCompleted(CHECKPOINT_1, done("settled 1"));
    expect(answers.at(-1)).toBe("settled 1");
  });

  test("[TW2] [C34] a write that fails for good fails the task and the checkpoint in hand", () => {
    const { host, context, answers, done } = stage();
    const sink = new TableSink(SPEC);
    sink.open(context, []);
    for (let i = 0; i < WRITE_ROWS_MAX; i++) sink.processElement("a", 0);
    sink.snapshot(CHECKPOINT_1, done("acknowledge 1"));
    host.answer(err({ kind: "refused", why: "it is full" }));
    const why = 'sink "op": table "words" refuses a write, it is full';
    expect([context.failures, answers]).toEqual([[why], [`acknowledge 1 failed: ${why}`]]);
  });

  test("takes no more input while too many rows wait, and wakes when there is room", () => {
    const { host, context } = stage();
    const sink = new TableSink(SPEC);
    sink.open(context, []);
    for (let i = 0; i < HELD_ROWS_MAX; i++) sink.processElement("a", 0);
    expect(sink.available).toBe(false);
    host.answer();
    expect([sink.available, context.wakeUps.count]).toEqual([true, 1]);
  });

  test("[C101] its end waits for the last row; close stops retries", () => {
    const { host, context } = stage();
    const sink = new TableSink(SPEC);
    sink.open(context, []);
    sink.processElement("a", 0);
    expect(sink.finish()).toBe(false);
    host.answer(err({ kind: "timeout" }));
    host.advanceMs(20);
    host.answer();
    expect(sink.finish()).toBe(true);
    sink.close();
    expect(host.timerCount).toBe(0);
  });

  test("[C50] state under its uid is another operator's, and refused", () => {
    const { context } = stage();
    const operatorState = [{ name: TABLE_STATE, mode: "split", elements: [] }] as const;
    const state = { uid: context.uid, keyed: [], timers: [], operatorState };
    expect(() => new TableSink(SPEC).open(context, [state])).toThrow('operator state "epochs"');
  });
});
