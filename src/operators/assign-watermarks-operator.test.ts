/** Transcripts: what comes in, and what leaves of it. */
import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import { TestHost } from "../host/testing.ts";
import { WatermarkStrategy, type WatermarkSpec } from "../time/watermark-strategy.ts";
import { AssignWatermarksOperator } from "./assign-watermarks-operator.ts";
import { RecordingOutput, stored, testContext } from "./testing.ts";

/** Records are "text:time". */
const timestampOf = (value: string): number => Number(value.split(":")[1]);

function opened(spec: WatermarkSpec<string>) {
  const output = new RecordingOutput();
  const operator = new AssignWatermarksOperator(spec, output);
  operator.open(testContext(new TestHost()), []);
  /** The end of a step of the subtask. */
  const step = (nowMs: number, blocked = false): string[] => {
    operator.advanceProcessingTime(nowMs, blocked);
    return output.take();
  };
  return { output, operator, step };
}

const bounded = (options = {}): WatermarkSpec<string> =>
  WatermarkStrategy.forBoundedOutOfOrderness<string>(5, { timestampOf, ...options });

describe("time of its own making", () => {
  test("[AW1] records leave with their new timestamps, and a watermark follows the run", () => {
    const { operator, output, step } = opened(bounded());
    operator.processElement("a:20", 1);
    operator.processElement("b:18", 2);
    expect(output.take()).toEqual(["a:20@20", "b:18@18"]);
    expect(step(0)).toEqual(["~14"]);
    expect(step(1)).toEqual([]);
  });

  test("[AW1] [C76] upstream's watermarks and statuses end here, but for the final one", () => {
    const { operator, output, step } = opened(bounded());
    operator.processWatermark(1_000);
    operator.processStatus(true);
    operator.processStatus(false);
    expect([...output.take(), ...step(0)]).toEqual([]);
    operator.processElement("a:20", 1);
    operator.processWatermark(Infinity);
    operator.processWatermark(Infinity);
    expect(output.take()).toEqual(["a:20@20", "~end"]);
    expect([operator.advanceProcessingTime(10), step(11)]).toEqual([undefined, []]);
  });

  test("without watermarks of its own only the final one leaves", () => {
    const { operator, output, step } = opened(WatermarkStrategy.none<string>());
    operator.processElement("a", 7);
    expect([...output.take(), ...step(0)]).toEqual(["a@7"]);
    operator.processWatermark(Infinity);
    expect(output.take()).toEqual(["~end"]);
  });
});

describe("idleness", () => {
  test("[AW2] [C78] by processing time, and active again with the next record", () => {
    const { operator, output, step } = opened(bounded({ idleAfterMs: 100 }));
    operator.processElement("a:20", 1);
    expect([output.take(), step(1_000)]).toEqual([["a:20@20"], ["~14"]]);
    expect(operator.advanceProcessingTime(1_040)).toBe(1_100);
    expect([step(1_099), step(1_100), step(1_200)]).toEqual([[], ["idle"], []]);
    operator.processElement("b:30", 1);
    expect([output.take(), step(1_210)]).toEqual([["b:30@30"], ["active", "~24"]]);
  });

  test("[AW2] [C82] not while its subtask was blocked", () => {
    const { operator, step } = opened(bounded({ idleAfterMs: 100 }));
    step(0);
    expect([step(9_000, true), operator.advanceProcessingTime(9_000)]).toEqual([[], 9_100]);
    expect(step(9_100)).toEqual(["idle"]);
  });

  test("[AW2] it is active before the final watermark, which would not count otherwise", () => {
    const { operator, output, step } = opened(bounded({ idleAfterMs: 100 }));
    expect([step(0), step(100)]).toEqual([[], ["idle"]]);
    operator.processWatermark(Infinity);
    expect(output.take()).toEqual(["active", "~end"]);
  });
});

describe("failure", () => {
  test("[C85] nothing is kept: after a restore event time begins anew", () => {
    const before = opened(bounded());
    before.operator.processElement("a:20", 1);
    before.step(0);
    const snapshot = stored(before.operator.snapshot(asCheckpointId(1), () => undefined));
    const output = new RecordingOutput();
    const operator = new AssignWatermarksOperator(bounded(), output);
    operator.open(testContext(new TestHost(), { restored: true }), [snapshot]);
    operator.processElement("b:3", 1);
    operator.advanceProcessingTime(0);
    expect(output.take()).toEqual(["b:3@3", "~-3"]);
  });

  test("what the user's functions throw names the operator and the record", () => {
    const { operator } = opened(bounded());
    expect(() => operator.processElement("a:soon", 1)).toThrow(
      'operator "op" failed telling the event time of "a:soon": Error: timestampOf gave NaN',
    );
    const broken = opened(
      WatermarkStrategy.forGenerator<string>(() => ({
        onRecord: () => undefined,
        onPeriodicEmit: () => {
          throw new RangeError("no more");
        },
      })),
    );
    expect(() => broken.step(0)).toThrow('operator "op" failed making a watermark after -Infinity');
  });
});
