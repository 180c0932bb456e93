/** Time that a subtask could not use is no silence of its input. */
import { expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import { AssignWatermarksOperator } from "../operators/assign-watermarks-operator.ts";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { subtaskStage, type StageOptions } from "./subtask.fixture.ts";

const IDLE_AFTER_MS = 100;
const IDLE = "> tag 3";

/** Its head turns idle after 100 ms without a record. */
const stage = (options: StageOptions) =>
  subtaskStage({
    ...options,
    head: (output) =>
      new AssignWatermarksOperator(WatermarkStrategy.none({ idleAfterMs: IDLE_AFTER_MS }), output),
  });

test("input that is not blocked is silent after the time-out", () => {
  const { run, step } = stage({ inputs: 2 });
  run();
  expect(step(IDLE_AFTER_MS - 10)).not.toContain(IDLE);
  expect(step(20)).toContain(IDLE);
});

test("[C82] nobody goes idle while a channel waits for the barrier of another", () => {
  const { run, step, barrier } = stage({ inputs: 2 });
  run();
  barrier(0, 1);
  expect(step(5_000)).not.toContain(IDLE);
  barrier(1, 1);
  const told = [...step(1), ...step(IDLE_AFTER_MS - 10)];
  expect(told).toContain("> <barrier 1>");
  expect(told).not.toContain(IDLE);
  expect(step(2 * IDLE_AFTER_MS)).toContain(IDLE);
});

test("[C82] nobody goes idle while there is no room downstream", () => {
  const { run, step, receiver, outputs } = stage({ credit: 0 });
  run();
  step(10);
  // Filled by another operator of the chain: the one that could go idle sees no record at all.
  for (let i = 0; i < 10_000 && outputs.available; i++) outputs.emit("x", 1);
  expect(outputs.available).toBe(false);
  expect(step(5_000)).not.toContain(IDLE);
  receiver.channel.onCredit(1_000);
  const told = [...step(10), ...step(IDLE_AFTER_MS - 20)];
  expect(told).toContain("> x");
  expect(told).not.toContain(IDLE);
  expect(step(2 * IDLE_AFTER_MS)).toContain(IDLE);
});

test("[C7] an alignment that is given up blocks nobody any more", () => {
  const { run, step, barrier, subtask } = stage({ inputs: 2 });
  run();
  barrier(0, 1);
  step(10);
  subtask.checkpointAborted(asCheckpointId(1));
  expect(step(3 * IDLE_AFTER_MS)).toContain(IDLE);
});
