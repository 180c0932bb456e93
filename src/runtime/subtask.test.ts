import { describe, expect, test } from "vitest";
import { WATERMARK_MAX } from "../core/element.ts";
import { asCheckpointId, asOperatorUid } from "../core/ids.ts";
import { err, ok } from "../core/result.ts";
import type { SubtaskSnapshot } from "../state/operator-snapshot.ts";
import { senderAt, subtaskStage } from "./subtask.fixture.ts";

const id = asCheckpointId;
const left = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith(">"));
const snapshotOf = (ended: boolean): SubtaskSnapshot => ({
  ended,
  operators: [{ uid: asOperatorUid("b"), keyed: [], timers: [], operatorState: [] }],
});

describe("the life of a subtask", () => {
  test("opens its operators tail to head, each with its own state, and waits to be run", () => {
    const { subtask, host, records, step } = subtaskStage();
    subtask.open([snapshotOf(false)], true);
    records(0, "early");
    expect(step()).toEqual(["b open with 1", "a open with 0", "+ initialized"]);
    subtask.run();
    subtask.run();
    expect(step()).toEqual(["+ running", "a early@1", "b early@1", "> early"]);
    expect(host.takeNotes()).toEqual([]);
  });

  test("connects each input channel to where its sender runs", () => {
    const { subtask, host } = subtaskStage({ inputs: 2 });
    subtask.connect({ processOf: () => senderAt });
    expect(host.channels.connected).toEqual(["in-0", "in-1"]);
    const stranger = subtaskStage();
    expect(() => stranger.subtask.connect({ processOf: () => undefined })).toThrow(
      "in-0 comes from an unknown place",
    );
  });

  test("[C117] end of input: finish from head to tail, then the marker, then it has ended", () => {
    const { host, run, records, endOfInput, step } = subtaskStage({ inputs: 2 });
    run();
    records(0, "x");
    endOfInput(0);
    expect(left(step())).toEqual(["> x"]);
    endOfInput(1);
    expect(step()).toEqual([
      "a finish",
      "b last of a@0",
      "b finish",
      "> last of a",
      "> last of b",
      "> <end-of-input>",
      "+ ended",
    ]);
    expect(host.takeNotes()).toEqual(["task-ended"]);
  });

  test("[ST3] [C116] what had ended before flushes nothing again, but says that it has ended", () => {
    const { subtask, host, step } = subtaskStage();
    subtask.open([snapshotOf(true)], true);
    subtask.run();
    const told = step();
    expect(told).not.toContain("a finish");
    expect(left(told)).toEqual([`> ~${WATERMARK_MAX}`, "> <end-of-input>"]);
    expect(told.filter((line) => line.startsWith("+"))).toEqual([
      "+ initialized",
      "+ running",
      "+ ended",
    ]);
    expect(host.takeNotes()).toEqual(["task-ended"]);
  });

  test("[ST3] input that ends after a restore as ended runs nothing either", () => {
    const { run, endOfInput, step } = subtaskStage();
    run([snapshotOf(true)]);
    endOfInput(0);
    expect(step()).toEqual([]);
  });

  test("[C97] [C114] it finishes when every operator has done what the last checkpoint asks", () => {
    const { subtask, second, run, endOfInput, step } = subtaskStage();
    second.completes = false;
    run();
    subtask.finish(id(1));
    expect(step()).toEqual([]);
    endOfInput(0);
    step();
    subtask.finish(id(9));
    expect(step()).toEqual(["a completed 9", "b completed 9"]);
    expect(subtask.state).toBe("ended");
    second.completions[0]!();
    expect(step()).toContain("+ finished");
    expect(subtask.closed).toBe(true);
  });

  test("it does not finish what has been cancelled meanwhile", () => {
    const { subtask, second, run, endOfInput, step } = subtaskStage();
    second.completes = false;
    run();
    endOfInput(0);
    step();
    subtask.finish(id(9));
    subtask.close();
    step();
    second.completions[0]!();
    expect([step(), subtask.why]).toEqual([[], "cancelled"]);
  });
});

describe("a barrier", () => {
  test("[ST1] [C3] hooks of every operator, the barrier, then every snapshot, and no gap", () => {
    const { host, run, records, barrier, step } = subtaskStage();
    run();
    records(0, "x");
    barrier(0, 1);
    records(0, "y");
    expect(step(0)).toEqual([
      "a x@1",
      "b x@1",
      "a prepare 1",
      "b prepare 1",
      "> x",
      "> <barrier 1>",
      "a snapshot 1",
      "b snapshot 1",
      "a y@1",
      "b y@1",
      "> y",
    ]);
    expect(step(100)).toEqual(["acknowledge 1 at chk/1"]);
    expect(host.takeNotes()).toEqual(["snapshot-taken", "snapshot-stored"]);
  });

  test("[C1] [C2] nothing from behind it is read until the last channel has delivered it", () => {
    const { run, records, barrier, step } = subtaskStage({ inputs: 2 });
    run();
    barrier(0, 1);
    records(0, "behind");
    records(1, "before");
    expect(left(step())).toEqual(["> before"]);
    barrier(1, 1);
    records(1, "also behind");
    expect(left(step())).toEqual(["> <barrier 1>", "> behind", "> also behind"]);
  });

  test("[C4] a channel that ends counts as having delivered it", () => {
    const { host, run, barrier, endOfInput, step } = subtaskStage({ inputs: 2 });
    run();
    barrier(0, 1);
    step();
    endOfInput(1);
    expect(left(step())).toEqual(["> <barrier 1>"]);
    expect(host.takeNotes()).toContain("alignment-started");
  });

  test("[C113] [C114] still passes, and is acknowledged as ended, after the input has", () => {
    const { run, endOfInput, barrier, acknowledged, step } = subtaskStage();
    run();
    barrier(0, 1);
    endOfInput(0);
    barrier(0, 2);
    expect(left(step(100)).slice(-2)).toEqual(["> <end-of-input>", "> <barrier 2>"]);
    expect(acknowledged).toEqual([false, true]);
  });

  test("[C96] is acknowledged only when the outside has confirmed", () => {
    const { second, run, barrier, step } = subtaskStage();
    second.confirms = false;
    run();
    barrier(0, 1);
    expect(step(100)).not.toContain("acknowledge 1 at chk/1");
    second.confirmations[0]!(ok(undefined));
    expect(step(100)).toEqual(["acknowledge 1 at chk/1"]);
  });

  test("[C34] a snapshot that cannot be stored is declined, and the task goes on", () => {
    const { subtask, second, run, barrier, records, step } = subtaskStage();
    second.confirms = false;
    run();
    barrier(0, 1);
    step();
    second.confirmations[0]!(err("ledger is gone"));
    expect(step(100)).toEqual(["decline 1: ledger is gone"]);
    records(0, "x");
    expect([left(step()), subtask.state]).toEqual([["> x"], "running"]);
  });

  test("[C32] an abort ends the upload and the alignment; operators hear of it in any case", () => {
    const { subtask, second, run, barrier, step } = subtaskStage({ inputs: 2 });
    second.confirms = false;
    run();
    barrier(0, 1);
    barrier(1, 1);
    step();
    subtask.checkpointAborted(id(1));
    expect(step(100)).toEqual(["a aborted 1", "b aborted 1"]);
    second.confirmations[0]!(ok(undefined));
    expect(step(100)).toEqual([]);
    barrier(0, 2);
    step();
    subtask.checkpointAborted(id(2));
    expect(step(100)).toEqual(["> <cancel-barrier 2>", "a aborted 2", "b aborted 2"]);
  });
});

describe("time", () => {
  test("[C77] the watermark is the minimum over the channels", () => {
    const { run, watermark, step } = subtaskStage({ inputs: 2 });
    run();
    watermark(0, 50);
    expect(step()).toEqual([]);
    watermark(1, 30);
    expect(step()).toEqual(["> ~30"]);
  });

  test("[C78] an idle channel holds nothing back, and all of them idle is told downstream", () => {
    const { run, watermark, idle, step } = subtaskStage({ inputs: 2 });
    run();
    watermark(0, 50);
    idle(1, true);
    expect(step()).toEqual(["> ~50"]);
    idle(0, true);
    expect(step()).toEqual(["> tag 3"]);
    idle(0, false);
    expect(step()).toEqual(["> tag 4"]);
  });

  test("[C80] two inputs have one watermark, and are idle together", () => {
    const { run, watermark, idle, step } = subtaskStage({ inputs: 3, secondInputs: 1 });
    run();
    watermark(0, 50);
    watermark(1, 40);
    expect(step()).toEqual([]);
    watermark(2, 30);
    expect(step()).toEqual(["> ~30"]);
    idle(2, true);
    expect(step()).toEqual(["> ~40"]);
    idle(0, true);
    idle(1, true);
    expect(step()).toEqual(["> ~50", "> tag 3"]);
    idle(2, false);
    watermark(2, 45);
    expect(step()).toEqual(["> tag 4"]);
    watermark(2, 60);
    expect(step()).toEqual(["> ~60"]);
  });

  test("[C73] processing-time timers fire without input, between elements", () => {
    const { first, run, records, step } = subtaskStage();
    run();
    first.onElement = () => {
      first.dueMs = 50;
    };
    records(0, "x");
    expect(step(40)).toEqual(["a x@1", "b x@1", "> x"]);
    expect(step(20)).toEqual(["a timer 50"]);
  });

  test("a timer that moved forward wakes it at its new time", () => {
    const { first, run, records, step } = subtaskStage();
    first.dueMs = 1_000;
    run();
    first.dueMs = 30;
    records(0, "x");
    step(1);
    expect(step(50)).toEqual(["a timer 30"]);
  });

  test("[C75] no timer fires after cancellation, and none is left in the world", () => {
    const { host, subtask, first, run, step } = subtaskStage();
    first.dueMs = 30;
    run();
    subtask.close();
    step();
    expect(step(100)).toEqual([]);
    expect(host.world.timerCount).toBe(0);
  });

  test("an element that nobody knows is our own mistake, and stops the run", () => {
    const { host, run, send } = subtaskStage();
    run();
    send(0, Uint8Array.of(9, 0, 0, 0, 77, 0, 0, 0, 0, 0, 0, 0, 0), false);
    expect(() => host.advanceMs(1)).toThrow("element with unknown tag 77 on in-0");
  });
});

describe("back-pressure", () => {
  test("without room downstream it stops reading, and so its sender runs out of credit", () => {
    const { outputs, run, records, gate, step, receiver } = subtaskStage({ credit: 0 });
    run();
    records(0, ...Array.from({ length: 20 }, (_, i) => `a long record ${i}`));
    const read = step(100).filter((line) => line.startsWith("a ")).length;
    expect(outputs.available).toBe(false);
    expect(read).toBeLessThan(6);
    expect(gate.readable).toBe(true);
    receiver.channel.onCredit(1_000);
    expect(step(100).filter((line) => line.startsWith("a "))).toHaveLength(20 - read);
  });

  test("without room a source is not asked", () => {
    const { source, run, step, receiver } = subtaskStage({ inputs: 0, credit: 0 });
    source.records.push(...Array.from({ length: 60 }, (_, i) => `a long record ${i}`));
    run();
    step(100);
    expect(source.records.length).toBeGreaterThan(20);
    receiver.channel.onCredit(1_000);
    step(100);
    expect(source.records).toEqual([]);
  });

  test("a step is bounded, whatever there is to do", () => {
    const { host, run, records, take } = subtaskStage({ stepElementsMax: 2 });
    run();
    records(0, "a", "b", "c");
    host.advanceMs(0);
    expect(take().filter((line) => line.startsWith("a "))).toEqual(["a a@1", "a b@1"]);
    host.advanceMs(1);
    expect(take()).toContain("a c@1");
  });

  test("a busy subtask flushes when the time-out comes, an idle one at once", () => {
    const { host, source, run, take } = subtaskStage({ inputs: 0, stepElementsMax: 1 });
    run();
    source.records.push("x", ...Array.from({ length: 2_000 }, () => "y"));
    const startMs = host.wallMs();
    let firstMs = 0;
    for (let i = 0; i < 40 && firstMs === 0; i++) {
      host.advanceMs(1);
      if (take().includes("> x")) firstMs = host.wallMs() - startMs;
    }
    expect(firstMs).toBeLessThanOrEqual(6);
  });
});
