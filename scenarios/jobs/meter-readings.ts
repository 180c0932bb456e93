/**
 * What each electricity meter used, second by second of the time it was measured. Meters send in
 * packets, so the log's own timestamps say when something was sent: far later, and of no use here.
 */
import {
  WatermarkStrategy,
  job,
  ledger,
  logSource,
  memoryBackend,
  types,
  type LogicalGraph,
  type ValueOf,
} from "../../src/index.ts";
import { countedType, WindowedSum, windowSumType, type Counted } from "./windowed-sum.ts";

export const READINGS_TOPIC = "readings";
/** Measured, then sent, with at most this much between the order of the one and of the other. */
export const OUT_OF_ORDER_MS_MAX = 150;

export const signalType = types.union("kind", {
  reading: types.record({ meter: types.string, measuredAtMs: types.long, watts: types.long }),
  alive: {},
});
export type Signal = ValueOf<typeof signalType>;

const measuredAt = (signal: Signal): number =>
  signal.kind === "reading" ? signal.measuredAtMs : Number.NEGATIVE_INFINITY;

const counted = (signal: Signal): Counted =>
  signal.kind === "reading" ? { name: signal.meter, count: signal.watts } : { name: "", count: 0 };

/** One subtask for each partition: event time of a mixed stream has no bound on its disorder. */
export const meterReadings = (partitions: number): LogicalGraph =>
  job("meter-readings", (env) => {
    env.enableCheckpointing({ intervalMs: 400 });
    env.setStateBackend(memoryBackend());
    env.setParallelism(partitions);
    env
      .fromSource(
        logSource({ topic: READINGS_TOPIC, type: signalType }),
        WatermarkStrategy.forMonotonousTimestamps(),
        "signals",
      )
      .uid("signals")
      .filter(({ kind }) => kind === "reading")
      .uid("readings")
      .assignTimestampsAndWatermarks(
        WatermarkStrategy.forBoundedOutOfOrderness(OUT_OF_ORDER_MS_MAX, {
          timestampOf: measuredAt,
        }),
      )
      .uid("measured")
      .map(counted)
      .returns(countedType)
      .uid("watts")
      .keyBy(({ name }) => name, types.string)
      .process(() => new WindowedSum(), windowSumType)
      .uid("by-second")
      .sinkTo(ledger("usage"))
      .uid("sink");
  });
