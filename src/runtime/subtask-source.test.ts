import { PLAIN_BARRIER } from "../core/element.ts";
import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import { subtaskStage } from "./subtask.fixture.ts";

const id = asCheckpointId;
const left = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith(">"));

describe("a source", () => {
  test("[C9] the position in the snapshot is the one right behind what went before the barrier", () => {
    const { subtask, source, run, step } = subtaskStage({ inputs: 0 });
    run();
    source.records.push("x");
    subtask.wakeUp();
    step();
    source.records.push("y");
    subtask.trigger(id(1), PLAIN_BARRIER, 0);
    subtask.trigger(id(1), PLAIN_BARRIER, 0);
    subtask.wakeUp();
    const told = step(0);
    expect(left(told)).toEqual(["> <barrier 1>", "> y"]);
    expect(told).toContain("source snapshot before y");
    expect(told.slice(0, 4)).toEqual([
      "source prepare 1",
      "a prepare 1",
      "b prepare 1",
      "> <barrier 1>",
    ]);
  });

  test("[C24] takes no snapshot before it runs", () => {
    const { subtask, host, step } = subtaskStage({ inputs: 0 });
    subtask.open([], false);
    subtask.trigger(id(1), PLAIN_BARRIER, 0);
    step();
    expect(host.takeNotes()).toEqual([]);
  });

  test("is the only one that is triggered", () => {
    const { subtask } = subtaskStage();
    expect(() => subtask.trigger(id(1), PLAIN_BARRIER, 0)).toThrow(
      /a -> b 0 \(1\.1\) is no source, yet triggered/,
    );
  });

  test("[C109] ends when its source has, behind the last record", () => {
    const { subtask, source, run, step } = subtaskStage({ inputs: 0 });
    run();
    source.records.push("x", "y");
    source.endsWhenEmpty = true;
    subtask.wakeUp();
    expect(left(step())).toEqual(["> x", "> y", "> last of a", "> last of b", "> <end-of-input>"]);
    expect(subtask.state).toBe("ended");
    subtask.trigger(id(4), PLAIN_BARRIER, 0);
    expect(left(step())).toEqual(["> <barrier 4>"]);
  });

  test("[C104] [C106] injects a barrier behind the splits due before it, ahead of later ones", () => {
    const { subtask, run, take } = subtaskStage({ inputs: 0 });
    const item = (number: number, after: number) => {
      const splits = [{ partition: number, offset: 0 }];
      return { number, after, splits, noMore: false };
    };
    run();
    subtask.trigger(id(1), PLAIN_BARRIER, 1);
    subtask.assign([item(2, 1)]);
    expect([take(), subtask.assigned]).toEqual([[], 0]);
    subtask.assign([item(1, 0), item(2, 1)]);
    const told = take().filter((line) => line.startsWith("source") || line.startsWith(">"));
    expect(told).toEqual([
      "source splits [1]",
      "source prepare 1",
      "> <barrier 1>",
      "source snapshot before ",
      "source splits [2]",
    ]);
    expect(subtask.assigned).toBe(2);
  });

  test("[IB4] declines a checkpoint that a newer one overtook on its way, and sends no barrier", () => {
    const { subtask, run, take } = subtaskStage({ inputs: 0 });
    run();
    subtask.trigger(id(2), PLAIN_BARRIER, 0);
    take();
    subtask.trigger(id(1), PLAIN_BARRIER, 0);
    subtask.trigger(id(2), PLAIN_BARRIER, 0);
    expect(take()).toEqual(["decline 1 as overtaken: a newer checkpoint came first"]);
  });

  test("[C106] a checkpoint that is over no longer holds splits back", () => {
    const { subtask, run, take } = subtaskStage({ inputs: 0 });
    const splits = [{ partition: 4, offset: 0 }];
    run();
    for (const [number, over] of [
      [1, "checkpointAborted"],
      [2, "checkpointCompleted"],
    ] as const) {
      subtask.assign([{ number, after: number, splits, noMore: false }]);
      expect(take()).toEqual([]);
      subtask[over](id(number));
      expect(take()).toContain("source splits [4]");
    }
  });

  test("[C105] takes splits only while it runs: it is told again", () => {
    const { subtask, take } = subtaskStage({ inputs: 0 });
    subtask.open([], false);
    take();
    subtask.assign([{ number: 1, after: 0, splits: [], noMore: false }]);
    expect([take(), subtask.assigned]).toEqual([[], 0]);
    expect(() => subtaskStage().subtask.assign([])).toThrow("is no source, yet given splits");
  });

  test("[C82] hears that its outputs have no room", () => {
    const { subtask, source, run, step } = subtaskStage({ inputs: 0, credit: 1 });
    run();
    source.records.push(...Array.from({ length: 40 }, (_, i) => `record-${i}`));
    subtask.wakeUp();
    expect(step()).toContain("source blocked");
  });

  test("[C83] is told limits while it runs, and says how far it has come", () => {
    const { subtask, source, run, take } = subtaskStage({ inputs: 0 });
    subtask.align(5);
    expect([take(), subtask.levelMs]).toEqual([[], undefined]);
    run();
    take();
    source.levelMs = 7;
    subtask.align(9);
    expect([take(), subtask.levelMs]).toEqual([["source up to 9"], 7]);
    const { subtask: inner, run: runInner } = subtaskStage();
    runInner();
    expect(inner.levelMs).toBeUndefined();
  });

  test("[ST3] [C116] that had ended before the checkpoint is neither polled nor given splits", () => {
    const { subtask, source, run, step } = subtaskStage({ inputs: 0 });
    source.records.push("x");
    run([{ ended: true, operators: [] }]);
    subtask.assign([{ number: 1, after: 0, splits: [], noMore: true }]);
    expect(step()).toEqual([]);
    expect([subtask.state, subtask.assigned, source.records]).toEqual(["ended", 1, ["x"]]);
  });

  test("[C32] hears of completed checkpoints", () => {
    const { subtask, run, take } = subtaskStage({ inputs: 0 });
    run();
    subtask.checkpointCompleted(id(3));
    expect(take()).toEqual(["source completed 3", "a completed 3", "b completed 3"]);
  });
});
