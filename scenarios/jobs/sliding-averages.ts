/**
 * Readings of sensors in windows that slide, and in windows that count.
 *
 *   topic "readings" --hash(sensor)--> sliding windows of event time -----> ledger "averages"
 *                   \--hash(sensor)--> every so many of the latest readings -> ledger "trends"
 *                    \-hash(sensor)--> runs of so many readings -----------> ledger "runs"
 *
 * All are determined: no reading is later than the watermarks allow for, so windows of event time are
 * complete when they go out; and a sensor lives in one partition, so its readings come in one order,
 * which is all that windows over counts go by.
 */
import {
  WatermarkStrategy,
  countTrigger,
  job,
  ledger,
  logSource,
  memoryBackend,
  globalWindow,
  keepWithin,
  countWindow,
  slidingCountWindow,
  slidingWindows,
  types,
  type Collector,
  type KeyedStream,
  type LogicalGraph,
  type ValueOf,
  type WindowContext,
} from "../../src/index.ts";

export const READINGS_TOPIC = "readings";
export const OUT_OF_ORDER_MS_MAX = 300;

const SIZE_MS = 1_000;
/** The size is no multiple of it: a reading is in two or in three windows. */
const SLIDE_MS = 350;
const OFFSET_MS = -70;

export const readingType = types.record({
  sensor: types.string,
  timestampMs: types.long,
  value: types.long,
});
export type Reading = ValueOf<typeof readingType>;

const averageType = types.record({
  sensor: types.string,
  startMs: types.long,
  readings: types.long,
  sum: types.long,
});
const trendType = types.record({
  sensor: types.string,
  kind: types.literal("latest", "recent", "run"),
  first: types.long,
  last: types.long,
  sum: types.long,
});
type Average = ValueOf<typeof averageType>;
type Trend = ValueOf<typeof trendType>;

/** The key of a row for rules about order. */
export const sensorOf = (row: unknown): string =>
  "kind" in (row as Trend)
    ? `${(row as Trend).kind} ${(row as Trend).sensor}`
    : (row as Average).sensor;

const sumOf = (readings: readonly Reading[]): number =>
  readings.reduce((sum, { value }) => sum + value, 0);

const averages = () => ({
  process(
    { key, window }: WindowContext<string>,
    readings: readonly Reading[],
    out: Collector<Average>,
  ): void {
    const { length } = readings;
    out.collect({ sensor: key, startMs: window.startMs, readings: length, sum: sumOf(readings) });
  },
});

const trends = (kind: Trend["kind"]) => () => ({
  process(
    { key }: WindowContext<string>,
    readings: readonly Reading[],
    out: Collector<Trend>,
  ): void {
    const [first, last] = [readings[0]!.value, readings.at(-1)!.value];
    out.collect({ sensor: key, kind, first, last, sum: sumOf(readings) });
  },
});

function writeTrends(bySensor: KeyedStream<Reading, string>): void {
  const latest = bySensor
    .window({
      ...slidingCountWindow(5, 3),
      process: trends("latest"),
      outputType: trendType,
    })
    .uid("latest");
  const recent = bySensor
    .window({
      assigner: globalWindow(),
      trigger: countTrigger(4),
      evictor: keepWithin(250, { when: "after" }),
      process: trends("recent"),
      outputType: trendType,
    })
    .uid("recent");
  latest.union(recent).sinkTo(ledger("trends")).uid("trends");
  bySensor
    .window({ ...countWindow(4), process: trends("run"), outputType: trendType })
    .uid("run")
    .sinkTo(ledger("runs"))
    .uid("runs");
}

export function slidingAverages(): LogicalGraph {
  return job("sliding-averages", (env) => {
    env.enableCheckpointing({ intervalMs: 700 });
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
    const bySensor = env
      .fromSource(
        logSource({ topic: READINGS_TOPIC, type: readingType }),
        WatermarkStrategy.forBoundedOutOfOrderness(OUT_OF_ORDER_MS_MAX),
        "readings",
      )
      .uid("readings")
      .keyBy(({ sensor }) => sensor, types.string);
    bySensor
      .window({
        assigner: slidingWindows({ sizeMs: SIZE_MS, slideMs: SLIDE_MS, offsetMs: OFFSET_MS }),
        process: averages,
        outputType: averageType,
      })
      .uid("average")
      .sinkTo(ledger("averages"))
      .uid("averages");
    writeTrends(bySensor);
  });
}
