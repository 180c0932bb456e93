/** Steps on two streams: connected, broadcast, and joined over time. */
import {
  listState,
  mapState,
  types,
  type BroadcastProcessFunction,
  type Collector,
  type CoProcessFunction,
  type KeyedBroadcastProcessFunction,
  type KeyedContext,
  type KeyedCoProcessFunction,
  type ListState,
  type ProcessContext,
  type RuntimeContext,
} from "../../../src/index.ts";
import { itemType, mergedItem, wrapped, type Item } from "../item.ts";
import { BOTH, IN_TIME, PAIRS, type StepInputs, type StepKind } from "../step.ts";

const byKey = ({ key }: Item): string => key;

const bothKeyed = ({ stream, other }: StepInputs) => ({
  left: stream.keyBy(byKey, types.string),
  right: other.keyBy(byKey, types.string),
});

/** The second stream's items come out as themselves, told apart by their value. */
const passBoth: CoProcessFunction<Item, Item, Item> = {
  processFirst: (item, _context, out) => out.collect(item),
  processSecond: (item, _context, out) => out.collect({ ...item, n: wrapped(item.n + 7) }),
};

const coProcess: StepKind = {
  kind: "co-process",
  modes: BOTH,
  twoInputs: true,
  growth: 1,
  build: ({ stream, other }) => stream.coProcess(other, () => passBoth, itemType),
};

/** Puts both sides of a key together at the end of each slot of event time. */
class MeetAtSlot implements KeyedCoProcessFunction<string, Item, Item, Item> {
  #waiting!: ListState<Item>;

  open(context: RuntimeContext): void {
    this.#waiting = context.getListState(listState("waiting", itemType));
  }

  processFirst(item: Item, context: KeyedContext<string>): void {
    this.#wait(item, context);
  }

  processSecond(item: Item, context: KeyedContext<string>): void {
    this.#wait({ ...item, n: wrapped(item.n + 3) }, context);
  }

  onEventTimeTimer(timeMs: number, { key }: KeyedContext<string>, out: Collector<Item>): void {
    const waiting = this.#waiting.get();
    const due = waiting.filter(({ at }) => at === timeMs);
    this.#waiting.update(waiting.filter(({ at }) => at !== timeMs));
    if (due.length > 0) out.collect(mergedItem(due, key, timeMs));
  }

  #wait(item: Item, { timers, timestampMs }: KeyedContext<string>): void {
    const at = timestampMs - (timestampMs % 250) + 249;
    this.#waiting.add({ ...item, at });
    timers.registerEventTimeTimer(at);
  }
}

const keyedCoProcess: StepKind = {
  kind: "keyed-co-process",
  modes: BOTH,
  twoInputs: true,
  growth: 1,
  build(inputs) {
    const { left, right } = bothKeyed(inputs);
    return left.coProcess(right, () => new MeetAtSlot(), itemType);
  },
};

const SEEN = mapState("seen", types.string, types.long);

/** What is broadcast is kept and never shown: it must not disturb what passes. */
const passFirst: BroadcastProcessFunction<Item, Item, Item> = {
  processElement(item, context, out) {
    context.broadcastState(SEEN).get(item.key);
    out.collect(item);
  },
  processBroadcast({ key, n }, context) {
    context.broadcastState(SEEN).put(key, n);
  },
};

const broadcastProcess: StepKind = {
  kind: "broadcast-process",
  modes: BOTH,
  twoInputs: true,
  growth: 1,
  build: ({ stream, other }) => stream.broadcastProcess(other, () => passFirst, itemType),
};

/** Gives out keyed items at slot ends; the broadcast side is kept, and only counts. */
class KeyedPass implements KeyedBroadcastProcessFunction<string, Item, Item, Item> {
  #held!: ListState<Item>;

  open(context: RuntimeContext): void {
    this.#held = context.getListState(listState("held", itemType));
  }

  processElement(item: Item, { timers, timestampMs }: KeyedContext<string>): void {
    const at = timestampMs - (timestampMs % 300) + 299;
    this.#held.add({ ...item, at });
    timers.registerEventTimeTimer(at);
  }

  processBroadcast({ key, n }: Item, context: ProcessContext & Writer): void {
    context.broadcastState(SEEN).put(key, n);
  }

  onEventTimeTimer(timeMs: number, { key }: KeyedContext<string>, out: Collector<Item>): void {
    const held = this.#held.get();
    const due = held.filter(({ at }) => at === timeMs);
    this.#held.update(held.filter(({ at }) => at !== timeMs));
    if (due.length > 0) out.collect(mergedItem(due, key, timeMs));
  }
}

type Writer = Parameters<
  KeyedBroadcastProcessFunction<string, Item, Item, Item>["processBroadcast"]
>[1];

const keyedBroadcastProcess: StepKind = {
  kind: "keyed-broadcast-process",
  modes: BOTH,
  twoInputs: true,
  growth: 1,
  build: ({ stream, other }) =>
    stream.keyBy(byKey, types.string).broadcastProcess(other, () => new KeyedPass(), itemType),
};

const coGroup: StepKind = {
  kind: "co-group",
  modes: IN_TIME,
  twoInputs: true,
  growth: 1,
  build(inputs) {
    const { left, right } = bothKeyed(inputs);
    return left.coGroup<Item, Item>(right, {
      assigner: {
        kind: "tumbling",
        time: "event",
        sizeMs: 200 * (inputs.step.variant + 1),
        offsetMs: 0,
      },
      outputType: itemType,
      apply: (lefts, rights, { key, window }, out) =>
        out.collect({
          ...mergedItem([...lefts, ...rights], key, window.endMs - 1),
          n: lefts.length * 1_000 + rights.length,
        }),
    });
  },
};

const windowJoin: StepKind = {
  kind: "window-join",
  modes: IN_TIME,
  twoInputs: true,
  growth: PAIRS,
  build(inputs) {
    const { left, right } = bothKeyed(inputs);
    return left.windowJoin<Item, Item>(right, {
      assigner: { kind: "tumbling", time: "event", sizeMs: 100, offsetMs: 0 },
      outputType: itemType,
      join: (l, r, out) => out.collect(mergedItem([l, r], l.key, Math.max(l.at, r.at))),
    });
  },
};

const intervalJoin: StepKind = {
  kind: "interval-join",
  modes: IN_TIME,
  twoInputs: true,
  growth: PAIRS,
  build(inputs) {
    const { left, right } = bothKeyed(inputs);
    const { variant } = inputs.step;
    return left.intervalJoin<Item, Item>(right, {
      lowerMs: -50 * variant,
      upperMs: 80,
      lowerExclusive: variant % 2 === 1,
      outputType: itemType,
      join: (l, r, out) => out.collect(mergedItem([l, r], l.key, Math.max(l.at, r.at))),
    });
  },
};

const union: StepKind = {
  kind: "union",
  modes: BOTH,
  twoInputs: true,
  growth: 2,
  build: ({ stream, other }) => stream.union(other),
};

export const twoInputSteps: readonly StepKind[] = [
  coProcess,
  keyedCoProcess,
  broadcastProcess,
  keyedBroadcastProcess,
  coGroup,
  windowJoin,
  intervalJoin,
  union,
];
