/** The watermark of a reader of several splits, and when it says that it is idle. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SplitWatermarks } from "./split-watermarks.ts";
import type { SplitWatermark } from "./watermark-generator.ts";
import { WatermarkStrategy, type WatermarkOptions } from "./watermark-strategy.ts";

const reader = (outOfOrderMsMax = 0, options: WatermarkOptions<string> = {}) =>
  new SplitWatermarks(WatermarkStrategy.forBoundedOutOfOrderness<string>(outOfOrderMsMax, options));

/** "active ~9 idle": what `advance` says, in the order in which it goes downstream. */
function told(splits: SplitWatermarks<string>, nowMs = 0, blocked = false): string {
  const change = splits.advance(nowMs, blocked);
  const { becomes, watermarkMs } = change ?? {};
  const parts = [
    becomes === "active" ? ["active"] : [],
    watermarkMs === undefined ? [] : [`~${watermarkMs}`],
    becomes === "idle" ? ["idle"] : [],
  ];
  return parts.flat().join(" ");
}

const record = (split: SplitWatermark<string>, timestampMs: number): void => {
  split.onRecord("r", timestampMs);
};

describe("the minimum", () => {
  test("[WG3] [C76] is neither repeated nor taken back", () => {
    const splits = reader();
    record(splits.add("p0"), 10);
    expect([told(splits), told(splits)]).toEqual(["~9", ""]);
    record(splits.add("p1"), 5);
    expect([told(splits), splits.output]).toEqual(["", 9]);
  });

  test("[WG2] [C81] a new split counts at once, with minus infinity", () => {
    const splits = reader();
    const first = splits.add("p0");
    record(first, 10);
    expect(told(splits)).toBe("~9");
    const second = splits.add("p1");
    record(first, 50);
    expect(told(splits)).toBe("");
    record(second, 20);
    expect(told(splits)).toBe("~19");
  });

  test("a split that was read to its end holds nothing back", () => {
    const splits = reader();
    const first = splits.add("p0");
    record(splits.add("p1"), 5);
    record(first, 100);
    expect(told(splits)).toBe("~4");
    splits.remove("p1");
    expect(told(splits)).toBe("~99");
  });

  test("without splits the reader is idle, until it gets one", () => {
    const splits = reader();
    expect([told(splits), told(splits), splits.idle]).toEqual(["idle", "", true]);
    const split = splits.add("p0");
    expect([told(splits), splits.idle]).toEqual(["active", false]);
    splits.remove("p0");
    expect(told(splits)).toBe("idle");
    expect(split.idle).toBe(false);
  });

  test("a split is added once, and removed once", () => {
    const splits = reader();
    splits.add("p0");
    expect(() => splits.add("p0")).toThrow(/"p0"/);
    expect(() => splits.remove("p1")).toThrow(/"p1"/);
  });
});

describe("idle splits", () => {
  const silent = { idleAfterMs: 100 };

  test("[WG2] [C78] hold nothing back; the last one releases the highest, then says so", () => {
    const splits = reader(0, silent);
    const [slow, fast] = [splits.add("slow"), splits.add("fast")];
    record(slow, 10);
    record(fast, 500);
    expect(told(splits, 0)).toBe("~9");
    record(fast, 600);
    expect(told(splits, 100)).toBe("~599");
    expect(told(splits, 200)).toBe("idle");
    record(slow, 20);
    expect([told(splits, 210), splits.output]).toEqual(["active", 599]);
    record(slow, 700);
    expect(told(splits, 220)).toBe("~699");
  });

  test("[WG6] [C78] all at once: the highest of them, then idle", () => {
    const splits = reader(0, silent);
    record(splits.add("p0"), 10);
    record(splits.add("p1"), 500);
    expect(told(splits, 0)).toBe("~9");
    expect(told(splits, 100)).toBe("~499 idle");
  });

  test("[WG6] the order in which splits fall silent does not matter", () => {
    const times = fc.uniqueArray(fc.integer({ min: 1, max: 1_000 }), {
      minLength: 2,
      maxLength: 5,
    });
    const property = fc.property(times, fc.infiniteStream(fc.nat(4)), (timesMs, picks) => {
      const splits = reader(0, silent);
      const parts = timesMs.map((timeMs, i) => ({ split: splits.add(`p${i}`), timeMs }));
      let nowMs = 0;
      while (parts.length > 0) {
        for (const { split, timeMs } of parts) record(split, timeMs);
        told(splits, nowMs);
        parts.splice(picks.next().value % parts.length, 1);
        nowMs += 100;
      }
      told(splits, nowMs);
      expect([splits.output, splits.idle]).toEqual([Math.max(...timesMs) - 1, true]);
    });
    fc.assert(property, { seed: 82, numRuns: 200 });
  });

  test("[WG5] [C82] time while the reader was blocked makes nobody idle", () => {
    const splits = reader(0, silent);
    record(splits.add("p0"), 10);
    expect([told(splits, 0), splits.nextDueMs]).toEqual(["~9", 100]);
    expect([told(splits, 60), splits.nextDueMs]).toEqual(["", 100]);
    expect([told(splits, 5_000, true), splits.nextDueMs]).toEqual(["", 5_040]);
    expect(told(splits, 5_039)).toBe("");
    expect([told(splits, 5_040), splits.nextDueMs]).toEqual(["idle", undefined]);
  });

  test("a clock that goes back makes nobody idle, nor late", () => {
    const splits = reader(0, silent);
    splits.add("p0");
    expect([told(splits, 1_000), told(splits, 400), splits.nextDueMs]).toEqual(["", "", 500]);
    expect([told(splits, 499), told(splits, 500)]).toEqual(["", "idle"]);
  });

  test("without a time-out nobody is idle, and nothing is due", () => {
    const splits = reader();
    splits.add("p0");
    expect([told(splits, 0), told(splits, 1e9), splits.nextDueMs]).toEqual(["", "", undefined]);
  });
});

test("a generator of the user's is asked now and then, while it is not idle", () => {
  let asked = 0;
  const create = () => ({ onRecord: () => undefined, onPeriodicEmit: () => void asked++ });
  const splits = new SplitWatermarks(
    WatermarkStrategy.forGenerator<string>(create, { idleAfterMs: 250 }),
  );
  splits.add("p0");
  expect(splits.nextDueMs).toBeUndefined();
  expect([told(splits, 0), splits.nextDueMs]).toEqual(["", 200]);
  expect([told(splits, 200), splits.nextDueMs]).toEqual(["", 250]);
  expect([told(splits, 250), splits.nextDueMs]).toEqual(["idle", undefined]);
  told(splits, 300);
  expect(asked).toBe(3);
});

/** What the rules say, told without sharing: silence is counted per split from the whole past. */
test("[WG2] [WG3] [WG6] [C76] [C78] any run of records, silence and blocking keeps the rules", () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant("record" as const),
      split: fc.nat(2),
      timeMs: fc.integer({ min: 0, max: 300 }),
    }),
    fc.record({
      kind: fc.constant("advance" as const),
      afterMs: fc.nat(80),
      blocked: fc.boolean(),
    }),
  );
  const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const splits = reader(0, { idleAfterMs: 100 });
    const handles = [0, 1, 2].map((index) => splits.add(`p${index}`));
    const model = handles.map(() => ({ highestMs: -Infinity, since: undefined as unknown }));
    let [nowMs, readableMs, output, idle, first] = [0, 0, -Infinity, false, true];
    for (const one of steps) {
      if (one.kind === "record") {
        record(handles[one.split]!, one.timeMs);
        const part = model[one.split]!;
        part.highestMs = Math.max(part.highestMs, one.timeMs - 1);
        part.since = undefined;
        continue;
      }
      nowMs += one.afterMs;
      if (!one.blocked && !first) readableMs += one.afterMs;
      first = false;
      for (const part of model) part.since ??= readableMs;
      const awake = model.filter(({ since }) => readableMs - (since as number) < 100);
      const marks = (awake.length === 0 ? model : awake).map(({ highestMs }) => highestMs);
      const promised = awake.length === 0 ? Math.max(...marks) : Math.min(...marks);
      const nowIdle = awake.length === 0;
      const expected = [
        idle && !nowIdle ? ["active"] : [],
        promised > output ? [`~${promised}`] : [],
        nowIdle && !idle ? ["idle"] : [],
      ];
      output = Math.max(output, promised);
      idle = nowIdle;
      expect(told(splits, nowMs, one.blocked)).toBe(expected.flat().join(" "));
    }
  });
  fc.assert(property, { seed: 83, numRuns: 400 });
});
