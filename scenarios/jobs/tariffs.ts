/**
 * Prices meter readings by the tariff in force at their time, though tariffs and readings come by
 * different ways.
 *
 *   tariffs  --broadcast--> \
 *   readings --hash(meter)--> priced at its time --> in bundles --> ledger "charges"
 *        \--> kept until the end --> ledger "archive"
 *
 * Every kind of operator state has its part: all subtasks keep the same tariffs (broadcast), a bundle
 * that is not full waits in a list, and the archive and who takes part in it are unions.
 *
 * A reading waits for the watermark to reach its time. By then all tariffs up to that time have come,
 * and later ones do not count: so what a reading costs does not depend on who was faster.
 */
import {
  WatermarkStrategy,
  job,
  ledger,
  listState,
  logSource,
  mapState,
  memoryBackend,
  types,
  type BroadcastReader,
  type BroadcastWriter,
  type Collector,
  type KeyedBroadcastProcessFunction,
  type KeyedContext,
  type ListState,
  type LogicalGraph,
  type OperatorListState,
  type OperatorRuntimeContext,
  type ProcessContext,
  type ProcessFunction,
  type RuntimeContext,
} from "../../src/index.ts";

export const TARIFFS_TOPIC = "tariffs";
export const READINGS_TOPIC = "readings";
export const BUNDLE_SIZE = 5;

/** In force from its own event time on. */
export type Tariff = Readonly<{ fromMs: number; cents: number }>;
/** `atMs` is its event time, too. */
export type Reading = Readonly<{ meter: string; atMs: number; units: number }>;
export type Charge = Readonly<{ meter: string; atMs: number; cents: number }>;

const tariffType = types.record({ fromMs: types.long, cents: types.long });
const readingType = types.record({ meter: types.string, atMs: types.long, units: types.long });
const chargeType = types.record({ meter: types.string, atMs: types.long, cents: types.long });
const TARIFFS = mapState("tariffs", types.long, types.long);

/** Charges of one meter come in order of time; readings are kept in no order worth keeping. */
export const meterOf = (row: unknown, sink: string): string => {
  const { meter, atMs } = row as Charge;
  return sink === "charges" ? meter : `${meter} at ${atMs}`;
};

/** Cents per unit: those of the latest tariff by then, and none before the first. */
function centsAt(timeMs: number, tariffs: readonly (readonly [number, number])[]): number {
  let [latestMs, cents] = [Number.NEGATIVE_INFINITY, 0];
  for (const [fromMs, asked] of tariffs) {
    if (fromMs <= timeMs && fromMs > latestMs) [latestMs, cents] = [fromMs, asked];
  }
  return cents;
}

class PriceAtItsTime implements KeyedBroadcastProcessFunction<string, Reading, Tariff, Charge> {
  #waiting!: ListState<Reading>;

  open(context: RuntimeContext): void {
    this.#waiting = context.getListState(listState("waiting", readingType));
  }

  processElement(reading: Reading, { timers }: KeyedContext<string>): void {
    this.#waiting.add(reading);
    timers.registerEventTimeTimer(reading.atMs);
  }

  processBroadcast({ fromMs, cents }: Tariff, context: ProcessContext & BroadcastWriter): void {
    context.broadcastState(TARIFFS).put(fromMs, cents);
  }

  onEventTimeTimer(
    timestampMs: number,
    context: KeyedContext<string> & BroadcastReader,
    out: Collector<Charge>,
  ): void {
    const waiting = this.#waiting.get();
    const tariffs = context.broadcastState(TARIFFS).entries();
    for (const { meter, atMs, units } of waiting) {
      if (atMs <= timestampMs) out.collect({ meter, atMs, cents: units * centsAt(atMs, tariffs) });
    }
    this.#waiting.update(waiting.filter(({ atMs }) => atMs > timestampMs));
  }
}

/** Passes charges on, so many at once; what is left goes out at the end. */
class InBundles implements ProcessFunction<Charge, Charge> {
  #held!: OperatorListState<Charge>;

  open(context: OperatorRuntimeContext): void {
    this.#held = context.getListState(listState("held", chargeType));
  }

  processElement(charge: Charge, _context: ProcessContext, out: Collector<Charge>): void {
    this.#held.add(charge);
    if (this.#held.get().length >= BUNDLE_SIZE) this.onEndOfInput(out);
  }

  onEndOfInput(out: Collector<Charge>): void {
    for (const charge of this.#held.get()) out.collect(charge);
    this.#held.clear();
  }
}

const keptType = types.record({ subtask: types.int, reading: readingType });
type Kept = Readonly<{ subtask: number; reading: Reading }>;

/**
 * Puts all readings out at the end. Each subtask signs the roll when the job begins, so whoever is
 * restored has to find every name on it, once.
 */
class KeepUntilTheEnd implements ProcessFunction<Reading, Reading> {
  #subtask = 0;
  #kept!: OperatorListState<Kept>;

  open(context: OperatorRuntimeContext): void {
    this.#subtask = context.subtask;
    this.#kept = context.getUnionListState(listState("kept", keptType));
    const roll = context.getUnionListState(listState("roll", types.int));
    if (!context.restored) roll.add(context.subtask);
    else if (roll.get().length !== context.parallelism) {
      throw new Error(`${roll.get().join(", ")} on the roll of ${context.parallelism}`);
    }
  }

  processElement(reading: Reading): void {
    this.#kept.add({ subtask: this.#subtask, reading });
  }

  /** After a restore without a record since, those of the others are there to be seen. */
  onEndOfInput(out: Collector<Reading>): void {
    for (const { subtask, reading } of this.#kept.get()) {
      if (subtask === this.#subtask) out.collect(reading);
    }
    this.#kept.clear();
  }
}

export function tariffs(): LogicalGraph {
  return job("tariffs", (env) => {
    env.enableCheckpointing({ intervalMs: 600 });
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
    const known = env
      .fromSource(
        logSource({ topic: TARIFFS_TOPIC, type: tariffType }),
        WatermarkStrategy.forMonotonousTimestamps(),
        "tariffs",
      )
      .uid("tariffs");
    const readings = env
      .fromSource(
        logSource({ topic: READINGS_TOPIC, type: readingType }),
        WatermarkStrategy.forMonotonousTimestamps(),
        "readings",
      )
      .uid("readings");
    readings
      .keyBy((reading) => reading.meter, types.string)
      .broadcastProcess(known, () => new PriceAtItsTime(), chargeType)
      .uid("price")
      .process(() => new InBundles(), chargeType)
      .uid("bundles")
      .sinkTo(ledger("charges"))
      .uid("charges");
    readings
      .process(() => new KeepUntilTheEnd(), readingType)
      .uid("keep")
      .sinkTo(ledger("archive"))
      .uid("archive");
  });
}
