/** Steps with keyed state and timers, on one stream. */
import {
  listState,
  types,
  valueState,
  WatermarkStrategy,
  type Collector,
  type KeyedContext,
  type KeyedProcessFunction,
  type ListState,
  type RuntimeContext,
  type ValueState,
} from "../../../src/index.ts";
import { itemType, mergedItem, wrapped, type Item } from "../item.ts";
import { BOTH, IN_TIME, TIMING, type StepKind } from "../step.ts";

/** Gathers the items of a key and gives them together when event time has come to the next full slot. */
class HoldUntilSlot implements KeyedProcessFunction<string, Item, Item> {
  readonly #slotMs: number;
  #held!: ListState<Item>;

  constructor(slotMs: number) {
    this.#slotMs = slotMs;
  }

  open(context: RuntimeContext): void {
    this.#held = context.getListState(listState("held", itemType));
  }

  processElement(item: Item, { timers, timestampMs }: KeyedContext<string>): void {
    this.#held.add({ ...item, at: slotEnd(timestampMs, this.#slotMs) });
    timers.registerEventTimeTimer(slotEnd(timestampMs, this.#slotMs));
  }

  onEventTimeTimer(slotMs: number, { key }: KeyedContext<string>, out: Collector<Item>): void {
    const held = this.#held.get();
    const due = held.filter(({ at }) => at === slotMs);
    this.#held.update(held.filter(({ at }) => at !== slotMs));
    if (due.length > 0) out.collect(mergedItem(due, key, slotMs));
  }
}

const slotEnd = (timeMs: number, slotMs: number): number => timeMs - (timeMs % slotMs) + slotMs - 1;

const holdUntilSlot: StepKind = {
  kind: "event-time-timers",
  modes: BOTH,
  growth: 1,
  build: ({ stream, step: { variant } }) =>
    stream
      .keyBy(({ key }) => key, types.string)
      .process(() => new HoldUntilSlot(200 * (variant + 1)), itemType),
};

/** Keeps each item for a while of processing time; what is held at the end comes with the last watermark. */
class HoldForAWhile implements KeyedProcessFunction<string, Item, Item> {
  readonly #waitMs: number;
  #held!: ListState<Item>;
  #timerMs!: ValueState<number>;

  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  open(context: RuntimeContext): void {
    this.#held = context.getListState(listState("held", itemType));
    this.#timerMs = context.getState(valueState("timer", types.long));
  }

  processElement(item: Item, { timers }: KeyedContext<string>): void {
    this.#held.add(item);
    timers.registerEventTimeTimer(END_OF_TIME_MS);
    if (this.#timerMs.value() !== undefined) return;
    const timerMs = timers.currentProcessingTime() + this.#waitMs;
    this.#timerMs.update(timerMs);
    timers.registerProcessingTimeTimer(timerMs);
  }

  onProcessingTimeTimer(_timeMs: number, context: KeyedContext<string>, out: Collector<Item>) {
    this.#timerMs.clear();
    this.#giveAll(context.key, out);
  }

  onEventTimeTimer(_timeMs: number, context: KeyedContext<string>, out: Collector<Item>): void {
    this.#giveAll(context.key, out);
  }

  #giveAll(key: string, out: Collector<Item>): void {
    const held = this.#held.get();
    this.#held.clear();
    const latestMs = held.reduce((latest, { at }) => Math.max(latest, at), 0);
    if (held.length > 0) out.collect(mergedItem(held, key, latestMs));
  }
}

/** Later than any record: only the last watermark of all comes to it. */
const END_OF_TIME_MS = 2 ** 50;

const TOLERATED_MS = 200;

const holdForAWhile: StepKind = {
  kind: "processing-time-timers",
  modes: TIMING,
  growth: 1,
  build: ({ stream, step: { variant } }) =>
    stream
      .keyBy(({ key }) => key, types.string)
      .process(() => new HoldForAWhile(100 * (variant + 1)), itemType)
      // What a clock lets go has no event time; the items know theirs.
      .assignTimestampsAndWatermarks(
        WatermarkStrategy.forBoundedOutOfOrderness(TOLERATED_MS, { timestampOf: ({ at }) => at }),
      ),
};

/** Each record comes out once, with how many of its key there were until then. */
const runningCount: StepKind = {
  kind: "reduce",
  modes: TIMING,
  growth: 1,
  build: ({ stream }) =>
    stream
      .keyBy(({ key }) => key, types.string)
      .reduce((before, item) => ({ ...item, n: wrapped(before.n + 1) })),
};

/**
 * Every record comes twice, and the first of equal ones goes on. Where timing says which records are
 * put together, it also says which of them are equal.
 */
const firstOfCopies: StepKind = {
  kind: "deduplicate",
  modes: IN_TIME,
  growth: 1,
  build: ({ stream, id, step: { parallelism } }) =>
    stream
      .flatMap<Item>((item, out) => {
        out.collect(item);
        out.collect(item);
      }, itemType)
      .uid(`${id}-twice`)
      .setParallelism(parallelism)
      .keyBy(({ ids, key, n, at }) => `${ids.join(",")} ${key} ${n} ${at}`, types.string)
      .firstOfKey(),
};

export const keyedSteps: readonly StepKind[] = [
  holdUntilSlot,
  holdForAWhile,
  runningCount,
  firstOfCopies,
];
