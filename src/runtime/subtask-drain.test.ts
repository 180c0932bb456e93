/** What the barrier of a savepoint that drains the job does to a whole subtask. */
import { expect, test } from "vitest";
import { PLAIN_BARRIER, type BarrierOptions } from "../core/element.ts";
import { asCheckpointId } from "../core/ids.ts";
import { subtaskStage } from "./subtask.fixture.ts";

const id = asCheckpointId;
const DRAIN: BarrierOptions = { ...PLAIN_BARRIER, purpose: "savepoint", stop: "drain" };

const left = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith(">"));

test("[HL2] [C44] a source gives the final watermark and its end, then the barrier, and no record", () => {
  const { subtask, source, run, step, acknowledged } = subtaskStage({ inputs: 0 });
  run();
  source.records.push("x");
  subtask.wakeUp();
  step();
  source.records.push("never read");
  subtask.trigger(id(7), DRAIN, 0);
  expect(left(step(100))).toEqual([
    "> ~Infinity",
    "> last of a",
    "> last of b",
    "> <end-of-input>",
    "> <barrier 7>",
  ]);
  expect([acknowledged, subtask.suspendedBy, source.records]).toEqual([[true], 7, ["never read"]]);
});

test("[HL2] [C44] the snapshot waits for a chain that holds back, and is of its end", () => {
  const { subtask, first, run, step, records, endOfInput, barrier, acknowledged } = subtaskStage();
  first.finishes = false;
  run();
  records(0, "x");
  endOfInput(0);
  barrier(0, 7, DRAIN);
  expect([left(step(100)), acknowledged, subtask.suspendedBy]).toEqual([["> x"], [], undefined]);
  first.finishes = true;
  subtask.wakeUp();
  expect(left(step(100))).toEqual([
    "> last of a",
    "> last of b",
    "> <end-of-input>",
    "> <barrier 7>",
  ]);
  expect([acknowledged, subtask.suspendedBy]).toEqual([[true], 7]);
  subtask.finish(id(7));
  step(100);
  expect(subtask.state).toBe("finished");
});
