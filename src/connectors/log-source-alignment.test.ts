/** A log source in an alignment group: what it reads, says and waits for. */
import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { openSource, splitsOf, stateOf, type Records } from "./log-source.fixture.ts";

const alignment = { group: "g", driftMsMax: 10 };
const watermarks = WatermarkStrategy.forMonotonousTimestamps<string>({ alignment });

const counted = (name: string, timesMs: readonly number[]): Records =>
  timesMs.map((ms) => [name, ms]);

/** A source of one split whose records are 10, 20, 30, 40 and 50 ms; its first limit came. */
function reading(limitMs: number) {
  const parts = openSource({ watermarks });
  parts.assign("0@0");
  parts.batch(0, counted("a", [10, 20, 30, 40, 50]));
  parts.source.align(limitMs);
  return parts;
}

const paused = (notes: readonly { kind: string }[]): string[] =>
  notes.map(({ kind }) => kind).filter((kind) => kind.startsWith("split-"));

describe("a source in an alignment group", () => {
  test("[SO7] [C83] reads up to the record that lifts it above the limit, and resumes with the next", () => {
    const { host, source, drain, context } = reading(25);
    expect(drain()).toEqual(["a@10", "a@20", "~19", "a@30", "~29"]);
    expect([source.levelMs, paused(host.notes)]).toEqual([29, ["split-paused"]]);
    const { count } = context.wakeUps;
    source.align(29);
    expect(context.wakeUps.count).toBe(count + 1);
    expect(drain()).toEqual(["a@40", "~39"]);
    source.align(1_000);
    expect(drain()).toEqual(["a@50", "~49"]);
    expect(paused(host.notes)).toEqual(["split-paused", "split-paused", "split-resumed"]);
    expect(host.notes.find(({ kind }) => kind === "split-paused")).toMatchObject({
      topic: "lines",
      partition: 0,
      subtask: 0,
      watermarkMs: 29,
      limitMs: 25,
    });
  });

  test("[SO7] [C83] at the limit itself it reads on", () => {
    expect(reading(19).drain()).toEqual(["a@10", "a@20", "~19", "a@30", "~29"]);
  });

  test("[SO7] before it has been told a limit it reads a record from each split, to say where it is", () => {
    const { source, batch, drain, assign } = openSource({ watermarks });
    expect(source.levelMs).toBe(Number.NEGATIVE_INFINITY);
    assign("0@0 1@0");
    batch(0, counted("a", [10, 20]));
    batch(0, counted("b", [500, 600]));
    expect(drain()).toEqual(["a@10", "b@500", "~9"]);
    expect(source.levelMs).toBe(9);
  });

  test("[AL3] a limit that was overtaken changes nothing", () => {
    const { source, drain } = reading(25);
    source.align(5);
    expect(drain()).toEqual(["a@10", "a@20", "~19", "a@30", "~29"]);
  });

  test("[C83] of its splits, those behind the limit are read while others wait", () => {
    const { source, batch, drain, assign } = openSource({ watermarks });
    assign("0@0 1@0");
    batch(0, counted("a", [100, 110, 120]));
    batch(0, counted("b", [10, 20, 30]));
    source.align(50);
    expect(drain()).toEqual(["a@100", "b@10", "~9", "b@20", "b@30", "~29"]);
  });

  test("[C82] [C83] a split that waits is not idle, however long; what it waited does not count", () => {
    const idling = { ...watermarks, idleAfterMs: 100 };
    const { host, source, batch, drain, assign } = openSource({ watermarks: idling });
    assign("0@0");
    batch(0, counted("a", [10]));
    source.align(5);
    expect(drain()).toEqual(["a@10", "~9"]);
    for (let i = 0; i < 5; i++) {
      host.advanceMs(90);
      expect([drain(), source.levelMs]).toEqual([[], 9]);
    }
    source.align(50);
    expect(drain()).toEqual([]);
    host.advanceMs(99);
    expect(drain()).toEqual([]);
    host.advanceMs(1);
    expect(drain()).toEqual(["idle"]);
    expect(source.levelMs).toBe(Number.POSITIVE_INFINITY);
  });

  test("[C83] it asks to be heard when it pauses, goes idle and comes back", () => {
    const idling = { ...watermarks, idleAfterMs: 100 };
    const { host, source, batch, drain, context, assign } = openSource({ watermarks: idling });
    const reports: number[] = [];
    const note = (): void => void reports.push(context.reports.count);
    assign("0@0");
    source.align(50);
    batch(0, counted("a", [10]));
    drain();
    note();
    host.advanceMs(100);
    drain();
    note();
    batch(1, counted("a", [100, 200]));
    expect(drain()).toEqual(["a@100", "active", "~99"]);
    note();
    source.align(150);
    expect(drain()).toEqual(["a@200", "~199"]);
    note();
    expect(reports).toEqual([0, 1, 3, 4]);
  });

  test("[C83] holds nobody once it has no splits, or has read them all", () => {
    const { source, batch, drain, assign } = openSource({ watermarks });
    assign("");
    expect([drain(), source.levelMs]).toEqual([["idle"], Number.POSITIVE_INFINITY]);
    source.assign({ splits: splitsOf("0@0"), noMore: true });
    batch(0, counted("a", [10, 20]));
    expect(drain()).toEqual(["a@10", "active", "~9"]);
    source.align(9);
    batch(2, [], true);
    expect(drain()).toEqual(["a@20", "~end"]);
    expect([source.ended, source.levelMs]).toEqual([true, Number.POSITIVE_INFINITY]);
  });

  test("[C9] [C83] answers a barrier while it waits; [C85] a restore waits for a limit of its own", () => {
    const { source, drain, splits } = reading(9);
    drain();
    source.prepareBarrier(asCheckpointId(1));
    expect(splits()).toEqual(["0@2"]);
    const restored = openSource({
      watermarks,
      context: { restored: true },
      state: [stateOf("0@2")],
    });
    restored.assign("");
    restored.batch(2, counted("a", [30, 40]));
    expect(restored.drain()).toEqual(["a@30", "~29"]);
    restored.source.align(29);
    expect(restored.drain()).toEqual(["a@40", "~39"]);
  });

  test("without a group there is no limit", () => {
    const { source, batch, drain, assign, context } = openSource();
    assign("0@0");
    batch(0, counted("a", [10, 20, 30]));
    expect(drain()).toEqual(["a@10", "a@20", "~19", "a@30", "~29"]);
    expect([source.levelMs, context.reports.count]).toEqual([undefined, 0]);
  });
});
