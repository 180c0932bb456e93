import { describe, expect, test } from "vitest";
import {
  WatermarkStrategy,
  mapState,
  valueState,
  type KeyedProcessFunction,
  type LogicalGraph,
  type MapState,
} from "../../src/index.ts";
import type { Input, InputRecord } from "../../sim/history.ts";
import {
  inputOf,
  integer,
  jobOf,
  sinkOf,
  sourceDefaults,
  sourceOf,
  text,
  type HandNode,
} from "../testing.ts";
import { referenceOutput } from "./reference.ts";

type Reading = Readonly<{ key: string; n: number }>;

const keyed = (create: () => KeyedProcessFunction<string, Reading, unknown>): HandNode => ({
  logic: {
    kind: "keyed-process",
    keyType: text,
    key: (value) => (value as Reading).key,
    create: create as () => KeyedProcessFunction<unknown, unknown, unknown>,
  },
  from: [0],
});

const out = (job: LogicalGraph, input: Input): readonly unknown[] =>
  referenceOutput(job, input).get("out") ?? [];

/** Sums per key, and says so at the end of every window of 10 ms. */
function windowSum(): KeyedProcessFunction<string, Reading, unknown> {
  let sums: MapState<number, number>;
  return {
    open(context) {
      sums = context.getMapState(mapState("sums", integer, integer));
    },
    processElement({ n }, { timestampMs, timers }) {
      const end = timestampMs - (timestampMs % 10) + 9;
      sums.put(end, (sums.get(end) ?? 0) + n);
      timers.registerEventTimeTimer(end);
    },
    onEventTimeTimer(end, { key, timers }, collector) {
      const by = timers.currentWatermark();
      collector.collect(`${key} until ${end}: ${sums.get(end)}, seen at ${by}`);
      sums.remove(end);
    },
  };
}

const reading = (key: string, n: number, timestampMs: number, availableAtMs = 0): InputRecord => ({
  value: { key, n },
  timestampMs,
  availableAtMs,
});

describe("records", () => {
  test("partitions keep their order, and of their heads the oldest comes first", () => {
    const job = jobOf([sourceOf("in"), sinkOf("out", 0)]);
    const at = (value: string, timestampMs: number): InputRecord => ({
      value,
      timestampMs,
      availableAtMs: 0,
    });
    const input: Input = new Map([
      ["in", [[at("a5", 5), at("a1", 1)], [at("b3", 3), at("b5", 5)], []]],
    ]);
    expect(out(job, input)).toEqual(["b3", "a5", "a1", "b5"]);
  });

  test("map, filter and flat-map do what their functions say", () => {
    const job = jobOf([
      sourceOf("in"),
      { logic: { kind: "map", create: () => (n) => (n as number) * 10 }, from: [0] },
      { logic: { kind: "filter", create: () => (n) => n !== 20 }, from: [1] },
      {
        logic: {
          kind: "flat-map",
          create: () => (n, collector) => {
            collector.collect(n);
            collector.collect((n as number) + 1);
          },
        },
        from: [2],
      },
      sinkOf("out", 3),
    ]);
    expect(out(job, inputOf({ in: [[1, 2, 3]] }))).toEqual([10, 11, 30, 31]);
  });

  test("a union takes all its inputs; two sinks of one name share their rows", () => {
    const job = jobOf([
      sourceOf("left"),
      sourceOf("right"),
      { logic: { kind: "map", create: () => (v) => v }, from: [0, 1, 0] },
      sinkOf("out", 2),
      sinkOf("out", 1),
    ]);
    const rows = out(job, inputOf({ left: [["l"]], right: [["r"]] }));
    expect([...rows].sort()).toEqual(["l", "l", "r", "r"]);
  });

  test("a broadcast gives every subtask of the receiver its copy", () => {
    const job = jobOf([
      sourceOf("in"),
      {
        logic: { kind: "map", create: () => (v) => v },
        from: [{ node: 0, exchange: { kind: "broadcast" } }],
        parallelism: 3,
      },
      { ...sinkOf("out", 1), parallelism: 3 },
    ]);
    expect(out(job, inputOf({ in: [["x", "y"]] }))).toEqual(["x", "x", "x", "y", "y", "y"]);
  });

  test("what one receiver changes in place, no other sees", () => {
    const spoil = (value: unknown): unknown => {
      (value as { n: number }).n = 99;
      return value;
    };
    const job = jobOf([
      sourceOf("in"),
      { logic: { kind: "map", create: () => spoil }, from: [0] },
      sinkOf("spoilt", 1),
      sinkOf("out", 0),
    ]);
    const input = inputOf({ in: [[{ n: 1 }]] });
    expect(out(job, input)).toEqual([{ n: 1 }]);
    expect(referenceOutput(job, input).get("spoilt")).toEqual([{ n: 99 }]);
    expect(input.get("in")?.[0]?.[0]?.value).toEqual({ n: 1 });
  });

  test("a topic that the input lacks is the job's mistake, and is named", () => {
    const job = jobOf([sourceOf("orders"), sinkOf("out", 0)]);
    expect(() => referenceOutput(job, inputOf({ trades: [[]] }))).toThrow(
      /"orders".*it has: trades/,
    );
  });
});

describe("event time", () => {
  const job = jobOf([sourceOf("in", 5), keyed(windowSum), sinkOf("out", 1)]);

  test("[C71] windows close when the slowest partition has passed them", () => {
    const input: Input = new Map([
      [
        "in",
        [
          [reading("a", 1, 1), reading("b", 2, 8), reading("a", 4, 3), reading("a", 8, 25)],
          [reading("a", 16, 2), reading("a", 32, 12), reading("a", 64, 18), reading("b", 1, 30)],
        ],
      ],
    ]);
    expect(out(job, input)).toEqual([
      "a until 9: 21, seen at 12",
      "b until 9: 2, seen at 12",
      "a until 19: 96, seen at 19",
      "a until 29: 8, seen at Infinity",
      "b until 39: 1, seen at Infinity",
    ]);
  });

  test("[C84] the end of the input closes whatever is open, once", () => {
    const input: Input = new Map([["in", [[reading("a", 1, 1)]]]]);
    expect(out(job, input)).toEqual(["a until 9: 1, seen at Infinity"]);
  });

  test("a source without watermarks closes windows at its end only", () => {
    const source: HandNode = {
      logic: {
        kind: "source",
        topic: "in",
        watermarks: WatermarkStrategy.none(),
        ...sourceDefaults,
      },
    };
    const seen: number[] = [];
    const spy = (): KeyedProcessFunction<string, Reading, unknown> => ({
      processElement: (_, { timers }) => void seen.push(timers.currentWatermark()),
    });
    const input: Input = new Map([["in", [[reading("a", 1, 1), reading("a", 1, 900)]]]]);
    out(jobOf([source, keyed(spy), sinkOf("out", 1)]), input);
    expect(seen).toEqual([-Infinity, -Infinity]);
  });

  test("[C77] behind a union the watermark is that of the slower source", () => {
    const watermarks: number[] = [];
    const spy = (): KeyedProcessFunction<string, Reading, unknown> => ({
      processElement: (_, { timers }) => void watermarks.push(timers.currentWatermark()),
    });
    const node = keyed(spy);
    const union = jobOf([sourceOf("fast"), sourceOf("slow"), { ...node, from: [0, 1] }]);
    const input: Input = new Map([
      ["fast", [[reading("a", 1, 10), reading("a", 1, 20), reading("a", 1, 30)]]],
      ["slow", [[reading("a", 1, 12), reading("a", 1, 25)]]],
    ]);
    referenceOutput(union, input);
    expect(watermarks).toEqual([-Infinity, -Infinity, 9, 11, 19]);
  });

  test("[C72] what a timer registers at or below the watermark fires in the same advance", () => {
    const chain = (): KeyedProcessFunction<string, Reading, unknown> => ({
      processElement: (_, { timers }) => timers.registerEventTimeTimer(3),
      onEventTimeTimer(timestampMs, { timers }, collector) {
        collector.collect(timestampMs);
        if (timestampMs < 6) timers.registerEventTimeTimer(timestampMs + 1);
        timers.deleteEventTimeTimer(timestampMs);
      },
    });
    const input: Input = new Map([["in", [[reading("a", 1, 1)]]]]);
    expect(out(jobOf([sourceOf("in"), keyed(chain), sinkOf("out", 1)]), input)).toEqual([
      3, 4, 5, 6,
    ]);
  });
});

describe("processing time", () => {
  /** Says when it was, some time after each record. */
  const echo = (delayMs: number) => (): KeyedProcessFunction<string, Reading, unknown> => ({
    processElement({ n }, { timers }, collector) {
      collector.collect(`record ${n} at ${timers.currentProcessingTime()}`);
      timers.registerProcessingTimeTimer(timers.currentProcessingTime() + delayMs);
    },
    onProcessingTimeTimer(timestampMs, { key, timers }, collector) {
      collector.collect(`timer ${key} ${timestampMs} at ${timers.currentProcessingTime()}`);
    },
  });

  test("is when the log first showed the record in hand, and never goes back", () => {
    const input: Input = new Map([
      ["in", [[reading("a", 1, 1, 100), reading("a", 2, 2, 130), reading("b", 3, 3, 120)]]],
    ]);
    expect(out(jobOf([sourceOf("in"), keyed(echo(20)), sinkOf("out", 1)]), input)).toEqual([
      "record 1 at 100",
      "timer a 120 at 120",
      "record 2 at 130",
      "record 3 at 130",
      "timer a 150 at 150",
      "timer b 150 at 150",
    ]);
  });

  test("what a timer of the clock puts out has no event time", () => {
    const late = (): KeyedProcessFunction<string, Reading, unknown> => ({
      processElement: (_, { timers }) => timers.registerProcessingTimeTimer(7),
      onProcessingTimeTimer: (_, { timestampMs }, collector) => collector.collect(timestampMs),
    });
    const input: Input = new Map([["in", [[reading("a", 1, 1)]]]]);
    expect(out(jobOf([sourceOf("in"), keyed(late), sinkOf("out", 1)]), input)).toEqual([-Infinity]);
  });

  test("timers that were taken back do not fire", () => {
    const fickle = (): KeyedProcessFunction<string, Reading, unknown> => ({
      processElement(_, { timers }) {
        timers.registerProcessingTimeTimer(5);
        timers.deleteProcessingTimeTimer(5);
      },
      onProcessingTimeTimer: (timestampMs, _, collector) => collector.collect(timestampMs),
    });
    const input: Input = new Map([["in", [[reading("a", 1, 1)]]]]);
    expect(out(jobOf([sourceOf("in"), keyed(fickle), sinkOf("out", 1)]), input)).toEqual([]);
  });

  test("a timer that re-arms itself for ever is reported, not followed", () => {
    const forEver = (): KeyedProcessFunction<string, Reading, unknown> => ({
      processElement: (_, { timers }) => timers.registerProcessingTimeTimer(1),
      onProcessingTimeTimer: (timestampMs, { timers }) =>
        timers.registerProcessingTimeTimer(timestampMs + 1),
    });
    const input: Input = new Map([["in", [[reading("a", 1, 1)]]]]);
    expect(() => referenceOutput(jobOf([sourceOf("in"), keyed(forEver)]), input)).toThrow(/node-1/);
  });
});

test("a function is opened once before its first record, and closed once after its last", () => {
  const calls: string[] = [];
  const careful = (): KeyedProcessFunction<string, Reading, unknown> => ({
    open({ restored, subtask, parallelism, getState }) {
      getState(valueState("unused", text));
      calls.push(`open ${subtask}/${parallelism} restored ${restored}`);
    },
    processElement: ({ n }) => void calls.push(`record ${n}`),
    close: () => void calls.push("close"),
  });
  const input: Input = new Map([["in", [[reading("a", 1, 1), reading("b", 2, 2)]]]]);
  referenceOutput(jobOf([sourceOf("in"), keyed(careful)]), input);
  expect(calls).toEqual(["open 0/1 restored false", "record 1", "record 2", "close"]);
});

test("what a function throws on ends the reference, or goes no further", () => {
  const refusing = (value: unknown): unknown => {
    if (value === "b") throw new Error("no b");
    return value;
  };
  const job = jobOf([
    sourceOf("in"),
    { logic: { kind: "map", create: () => refusing }, from: [0] },
    sinkOf("out", 1),
  ]);
  const letters = inputOf({ in: [["a", "b", "c"]] });
  expect(() => referenceOutput(job, letters)).toThrow("no b");
  expect(referenceOutput(job, letters, "skip").get("out")).toEqual(["a", "c"]);
});
