/** The watermark of one split: from timestamps, from a user's generator, and when it falls silent. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NO_TIMESTAMP } from "../core/element.ts";
import { SplitWatermark } from "./watermark-generator.ts";
import { WatermarkStrategy, type WatermarkGenerator } from "./watermark-strategy.ts";

const bounded = (outOfOrderMsMax: number): SplitWatermark<string> =>
  new SplitWatermark(WatermarkStrategy.forBoundedOutOfOrderness<string>(outOfOrderMsMax));

describe("bounded", () => {
  test("[WG1] a record at exactly the tolerated delay is still in time", () => {
    const split = bounded(100);
    expect(split.watermarkMs).toBe(-Infinity);
    split.onRecord("a", 1_000);
    expect(split.watermarkMs).toBe(899);
    split.onRecord("b", 900);
    expect(split.watermarkMs).toBe(899);
    split.onRecord("c", 1_001);
    expect(split.watermarkMs).toBe(900);
  });

  test("[WG1] the highest timestamp, less the disorder and 1 ms, after any records", () => {
    const timestamps = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1 });
    const property = fc.property(fc.nat(500), timestamps, (disorder, timesMs) => {
      const split = bounded(disorder);
      for (const timeMs of timesMs) split.onRecord("x", timeMs);
      expect(split.watermarkMs).toBe(Math.max(...timesMs) - disorder - 1);
    });
    fc.assert(property, { seed: 81, numRuns: 200 });
  });

  test("a record without a timestamp says nothing about time", () => {
    const split = bounded(0);
    expect(split.onRecord("a", NO_TIMESTAMP)).toBe(NO_TIMESTAMP);
    expect(split.watermarkMs).toBe(-Infinity);
  });

  test("without watermarks timestamps are assigned all the same", () => {
    const spec = WatermarkStrategy.none<number>({ timestampOf: (value) => value });
    const split = new SplitWatermark(spec);
    expect(split.onRecord(7, 1)).toBe(7);
    split.tick(0, Infinity);
    expect(split.watermarkMs).toBe(-Infinity);
  });
});

describe("timestamps", () => {
  test("an assigner gets the value and the timestamp it came with", () => {
    const spec = WatermarkStrategy.forMonotonousTimestamps<number>({
      timestampOf: (value, timestampMs) => value + timestampMs,
    });
    const split = new SplitWatermark(spec);
    expect(split.onRecord(5, 100)).toBe(105);
    expect(split.watermarkMs).toBe(104);
  });

  test.each([NaN, 1.5, Infinity, 2 ** 53])("%d is refused", (timeMs) => {
    const spec = WatermarkStrategy.forMonotonousTimestamps<string>({ timestampOf: () => timeMs });
    const split = new SplitWatermark(spec);
    expect(() => split.onRecord("a", 1)).toThrow(`timestampOf gave ${timeMs}; give milliseconds`);
  });
});

/** Punctuated: "!" emits its timestamp. Periodic: every call emits the number of records. */
const counting = (): WatermarkGenerator<string> => {
  let count = 0;
  return {
    onRecord(value, timestampMs, out) {
      count++;
      if (value === "!") out.emitWatermark(timestampMs);
    },
    onPeriodicEmit: (out) => out.emitWatermark(count),
  };
};

describe("generators of users", () => {
  test("[WG4] emit at records and between them, and never go back", () => {
    const split = new SplitWatermark(WatermarkStrategy.forGenerator(counting));
    split.onRecord("a", 50);
    expect(split.watermarkMs).toBe(-Infinity);
    split.tick(0, Infinity);
    expect(split.watermarkMs).toBe(1);
    split.onRecord("!", 60);
    expect(split.watermarkMs).toBe(60);
    split.onRecord("!", 40);
    split.tick(0, Infinity);
    expect(split.watermarkMs).toBe(60);
  });

  test("each split has one of its own", () => {
    const spec = WatermarkStrategy.forGenerator(counting);
    const [one, other] = [new SplitWatermark(spec), new SplitWatermark(spec)];
    one.onRecord("a", 1);
    one.tick(0, Infinity);
    other.tick(0, Infinity);
    expect([one.watermarkMs, other.watermarkMs]).toEqual([1, 0]);
  });

  test("NaN is refused", () => {
    const create = (): WatermarkGenerator<string> => ({
      onRecord: (_value, _timestampMs, out) => out.emitWatermark(NaN),
      onPeriodicEmit: () => undefined,
    });
    const split = new SplitWatermark(WatermarkStrategy.forGenerator(create));
    expect(() => split.onRecord("a", 1)).toThrow("emitted NaN; emit milliseconds");
  });
});

describe("idleness", () => {
  test("[WG5] silence for as long as configured, counted from the first tick after a record", () => {
    const split = bounded(0);
    split.onRecord("a", 1);
    split.tick(1_000, 100);
    split.tick(99, 100);
    expect([split.idle, split.idleInMs(100)]).toEqual([false, 1]);
    split.tick(1, 100);
    expect([split.idle, split.idleInMs(100)]).toEqual([true, Infinity]);
    split.onRecord("b", 2);
    expect(split.idle).toBe(false);
    split.tick(1_000, 100);
    expect(split.idleInMs(100)).toBe(100);
  });

  test("[WG5] [C82] time that passes while it is paused does not count", () => {
    const split = bounded(0);
    split.tick(0, 100);
    split.tick(60, 100);
    split.setPaused(true);
    split.tick(1_000, 100);
    expect([split.idle, split.idleInMs(100)]).toEqual([false, Infinity]);
    split.setPaused(false);
    split.tick(39, 100);
    expect(split.idle).toBe(false);
    split.tick(1, 100);
    expect(split.idle).toBe(true);
  });
});
