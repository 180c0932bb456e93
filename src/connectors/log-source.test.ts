import { describe, expect, test } from "vitest";
import { err, ok } from "../core/result.ts";
import { logBatch } from "../host/testing.ts";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { types } from "../types/serializers.ts";
import { openSource, splitsOf, stateOf } from "./log-source.fixture.ts";
import { BATCHES_AHEAD_MAX } from "./log-split.ts";

describe("reading", () => {
  test("reads the splits it is given from where they begin, turn by turn", () => {
    const { host, batch, drain, context, assign } = openSource();
    expect(host.asked()).toEqual([]);
    assign("1@0 3@7");
    expect(host.asked()).toEqual(["read lines/1 from 0", "read lines/3 from 7"]);
    batch(0, [
      ["a", 10],
      ["b", 20],
    ]);
    batch(7, [
      ["x", 15],
      ["y", 25],
    ]);
    expect(context.wakeUps.count).toBeGreaterThan(0);
    expect(drain()).toEqual(["a@10", "x@15", "~9", "b@20", "y@25", "~19"]);
  });

  test("[LS1] fetches ahead within a bound, one read at a time", () => {
    const { host, batch, source, assign } = openSource();
    assign("0@0");
    for (let i = 0; i < BATCHES_AHEAD_MAX; i++) {
      expect(host.openRequests).toEqual([`read lines/0 from ${i}`]);
      batch(i, [["a", i]]);
    }
    expect(host.openRequests).toEqual([]);
    source.poll(1);
    expect(host.openRequests).toEqual([`read lines/0 from ${BATCHES_AHEAD_MAX}`]);
  });

  test("[LS3] a time-out is asked again from the same offset, spaced up to a bound", () => {
    const { host, batch, drain, assignLast } = openSource();
    assignLast("0@0");
    host.answer(err({ kind: "timeout" }));
    host.advanceMs(19);
    expect(host.openRequests).toEqual([]);
    host.advanceMs(1);
    host.answer(err({ kind: "timeout" }));
    host.advanceMs(40);
    expect(host.openRequests).toEqual(["read lines/0 from 0"]);
    batch(0, [["a", 1]], true);
    expect(drain()).toEqual(["a@1", "~end"]);
  });

  test("what user code throws on a record names the source and the record", () => {
    const timestampOf = (): number => {
      throw new Error("no time");
    };
    const watermarks = { ...WatermarkStrategy.forMonotonousTimestamps<string>(), timestampOf };
    const { source, assign, batch } = openSource({ watermarks });
    assign("0@0");
    batch(0, [["a", 1]]);
    expect(() => source.poll(1)).toThrow('operator "op" failed on record "a": Error: no time');
  });

  test("other errors fail the task and say where", () => {
    const { host, context, assign } = openSource();
    assign("0@5");
    const beyond = { topic: "lines", partition: 0, offset: 5, available: 3 };
    host.answer(err({ kind: "out-of-range", ...beyond }));
    expect(context.failures).toEqual([
      'source "op": partition 0 of "lines" has no offset 5: it ends at 3',
    ]);
  });

  test("bytes of another type name the record", () => {
    const { host, source, assign } = openSource();
    assign("0@4");
    host.answer(ok(logBatch(types.bytes, 4, [[new Uint8Array([200, 1, 2]), 5]])));
    expect(() => source.poll(1)).toThrow('record 4 of partition 0 of "lines" is no string');
  });

  test("after close no answer is heard and no timer is left", () => {
    const { host, batch, source, output, context, assign } = openSource();
    assign("0@0 1@0");
    host.answer(err({ kind: "timeout" }));
    source.close();
    const { count } = context.wakeUps;
    batch(0, [["a", 1]]);
    expect([host.timerCount, output.take(), context.wakeUps.count]).toEqual([0, [], count]);
  });

  test("[TH1] a rate is kept on the monotonic clock, and the source wakes itself", () => {
    const { host, batch, source, context, assign } = openSource({ recordsPerSecondMax: 10 });
    assign("0@0");
    batch(
      0,
      Array.from({ length: 60 }, (_, i) => ["a", i] as const),
    );
    let count = source.poll(32);
    expect([count, source.poll(32)]).toEqual([1, 0]);
    for (let ms = 0; ms < 2_000; ms += 10) {
      const before = context.wakeUps.count;
      host.advanceMs(10);
      if (context.wakeUps.count > before) count += source.poll(32);
    }
    expect(count).toBe(21);
    host.advanceMs(60_000); // Blocked for a minute: what was not used does not add up.
    expect(source.poll(32)).toBe(1);
  });
});

describe("watermarks and the end", () => {
  test("[C81] a split counts from its assignment on, before it has a record", () => {
    const { batch, drain, assign } = openSource();
    assign("0@0 1@0");
    batch(0, [["a", 100]]);
    expect(drain()).toEqual(["a@100"]);
    batch(0, [["x", 50]]);
    expect(drain()).toEqual(["x@50", "~49"]);
    assign("2@0");
    batch(1, [["b", 200]]);
    batch(1, [["y", 201]]);
    expect(drain()).toEqual(["b@200", "y@201"]); // Split 2 is at minus infinity.
  });

  test("[C81] a split that has ended holds nothing back", () => {
    const { batch, drain, assign } = openSource();
    assign("0@0 1@0");
    batch(0, [["a", 100]]);
    expect(drain()).toEqual(["a@100"]);
    batch(0, [], true);
    expect(drain()).toEqual(["~99"]);
  });

  test("[SO3] [C81] until the first word of the enumerator the watermark is held back", () => {
    const { batch, drain, assign } = openSource({
      context: { restored: true },
      state: [stateOf("0@5")],
    });
    batch(5, [["a", 100]]);
    expect(drain()).toEqual(["a@100"]);
    assign("");
    expect(drain()).toEqual(["~99"]);
  });

  test("[SO3] [C78] without splits it is idle once it has been told so, and active with the next", () => {
    const { batch, drain, assign } = openSource();
    expect(drain()).toEqual([]);
    assign("");
    expect(drain()).toEqual(["idle"]);
    assign("1@0");
    expect(drain()).toEqual(["active"]);
    batch(0, [["a", 5]], true);
    expect(drain()).toEqual(["a@5", "idle"]);
  });

  test("[C82] splits without records go idle in time, which stands still while it is blocked", () => {
    const watermarks = WatermarkStrategy.forMonotonousTimestamps<string>({ idleAfterMs: 100 });
    const { host, batch, drain, source, context, assign } = openSource({ watermarks });
    assign("0@0 1@0");
    batch(0, [["a", 7]]);
    expect(drain()).toEqual(["a@7"]);
    host.advanceMs(60);
    source.blocked();
    host.advanceMs(60);
    expect(drain()).toEqual([]); // The time since the last poll does not count.
    const { count } = context.wakeUps;
    host.advanceMs(100);
    expect(context.wakeUps.count).toBe(count + 1);
    expect(drain()).toEqual(["~6", "idle"]);
    batch(0, [["x", 9]]);
    expect(drain()).toEqual(["x@9", "active", "~8"]);
  });

  test("[SO4] [SO5] [C84] [C109] the end follows the last record of the last split, once", () => {
    const { batch, source, drain, assign } = openSource();
    assign("0@0");
    batch(0, [
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ]);
    source.poll(1);
    batch(3, [["d", 4]], true);
    expect(drain()).toEqual(["a@1", "~0", "b@2", "c@3", "~2", "d@4", "idle"]);
    expect(source.ended).toBe(false); // More splits may come.
    source.assign({ splits: splitsOf("1@0"), noMore: true });
    batch(0, [["x", 9]], true);
    expect(source.ended).toBe(false);
    expect(drain()).toEqual(["x@9", "active", "~end"]);
    expect(source.ended).toBe(true);
    expect(drain()).toEqual([]);
  });

  test("[SO5] a subtask for which there is nothing ends when it is told", () => {
    const { source, drain, assignLast } = openSource();
    expect(drain()).toEqual([]);
    assignLast("");
    expect(drain()).toEqual(["~end"]);
    expect(source.ended).toBe(true);
    expect(() => source.assign({ splits: [], noMore: false })).toThrow("SO5");
  });

  test("without a strategy there is the final watermark and no other", () => {
    const { batch, drain, assignLast } = openSource({ watermarks: WatermarkStrategy.none() });
    assignLast("0@0");
    batch(0, [["a", 1]], true);
    expect(drain()).toEqual(["a@1", "~end"]);
  });

  test("timestamps are those that the strategy reads off the records", () => {
    const timestampOf = (value: string): number => value.length;
    const watermarks = WatermarkStrategy.forBoundedOutOfOrderness(1, { timestampOf });
    const { batch, drain, assign } = openSource({ watermarks });
    assign("0@0");
    batch(0, [["abcd", 1_000]]);
    expect(drain()).toEqual(["abcd@4", "~2"]);
  });

  test("a user's generator is asked now and then while no records come", () => {
    let periods = 0;
    const create = () => ({ onRecord: () => undefined, onPeriodicEmit: () => void periods++ });
    const { host, source, context, assign } = openSource({
      watermarks: WatermarkStrategy.forGenerator(create),
    });
    assign("0@0");
    source.poll(1);
    const before = [periods, context.wakeUps.count] as const;
    host.advanceMs(200);
    source.poll(1);
    expect([periods, context.wakeUps.count]).toEqual([before[0] + 1, before[1] + 1]);
  });
});
