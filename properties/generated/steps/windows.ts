/**
 * Windows of every kind. In time they fire once, with all that belongs to them; with late records or
 * early firings each record is in one firing, as content goes with it, or in the late output.
 */
import {
  keepBy,
  outputTag,
  types,
  type AggregateFunction,
  type ProcessWindowFunction,
  type Trigger,
  type TriggerContext,
  type TriggerResult,
  type WindowAssigner,
  type WindowTrigger,
} from "../../../src/index.ts";
import { itemType, mergedItem, type Item } from "../item.ts";
import { BOTH, IN_TIME, TIMING, type StepInputs, type StepKind } from "../step.ts";

const LATE = outputTag("late", itemType);

const merging: AggregateFunction<Item, Item[], Item> = {
  createAccumulator: () => [],
  add: (item, items) => [...items, item],
  result: (items) => mergedItem(items, items[0]?.key ?? "", 0),
  merge: (left, right) => [...left, ...right],
};

const mergeAll: ProcessWindowFunction<string, Item, Item> = {
  process({ key, window }, items, out) {
    out.collect(mergedItem(items, key, window.endMs - 1));
  },
};

/** The three ways to compute, so that each gets its share. */
function computationOf(variant: number) {
  if (variant % 3 === 0) return { process: () => mergeAll } as const;
  const reduce = (left: Item, right: Item): Item =>
    mergedItem([left, right], left.key, Math.max(left.at, right.at));
  if (variant % 3 === 1) return { reduce, process: () => mergeAll } as const;
  return {
    aggregate: merging,
    accumulatorType: types.list(itemType),
    process: () => mergeAll,
  } as const;
}

function windowsOf(
  { stream, step, mode, id }: StepInputs,
  assigner: WindowAssigner<Item>,
  trigger?: Trigger<Item>,
) {
  const { variant, parallelism } = step;
  const windows = stream
    .keyBy(({ key }) => key, types.string)
    .window<Item>({
      ...computationOf(variant),
      assigner,
      outputType: itemType,
      ...(trigger === undefined ? {} : { trigger }),
      ...(mode === "timing" ? { lateOutput: LATE } : {}),
    } as never)
    .uid(`${id}-windows`)
    .setParallelism(parallelism);
  // What comes too late goes on beside the windows, so that whatever follows happens to it as well.
  return mode === "timing" ? windows.union(windows.sideOutput(LATE)) : windows;
}

const sizeOf = (variant: number): number => 150 * (variant + 1);

const tumbling: StepKind = {
  kind: "tumbling-windows",
  modes: BOTH,
  growth: 1,
  build: (inputs) =>
    windowsOf(inputs, {
      kind: "tumbling",
      time: "event",
      sizeMs: sizeOf(inputs.step.variant),
      offsetMs: inputs.step.variant * 10,
    }),
};

const sliding: StepKind = {
  kind: "sliding-windows",
  modes: IN_TIME,
  growth: 3,
  build: (inputs) =>
    windowsOf(inputs, {
      kind: "sliding",
      time: "event",
      sizeMs: 400 + inputs.step.variant * 50,
      slideMs: 200,
      offsetMs: 0,
    }),
};

const sessions: StepKind = {
  kind: "session-windows",
  modes: BOTH,
  growth: 1,
  build: (inputs) =>
    windowsOf(inputs, { kind: "session", time: "event", gapMs: 40 * (inputs.step.variant + 1) }),
};

/** Fires early, by count or by the clock, and takes the content along; the rest comes at the end. */
class EarlyTrigger implements WindowTrigger<Item> {
  readonly #countMax: number;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  onElement(_item: Item, _timestampMs: number, context: TriggerContext): TriggerResult {
    const lastMs = context.window.endMs - 1;
    if (lastMs <= context.currentWatermark()) return "fire-and-purge";
    context.registerEventTimeTimer(lastMs);
    const count = (context.get("count") ?? 0) + 1;
    context.set("count", count % this.#countMax);
    if (count === this.#countMax) return "fire-and-purge";
    context.registerProcessingTimeTimer(context.currentProcessingTime() + 300);
    return "continue";
  }

  onEventTime(): TriggerResult {
    return "fire-and-purge";
  }

  onProcessingTime(): TriggerResult {
    return "fire-and-purge";
  }

  clear(context: TriggerContext): void {
    context.deleteEventTimeTimer(context.window.endMs - 1);
  }
}

const early: StepKind = {
  kind: "early-windows",
  modes: TIMING,
  growth: 1,
  build: (inputs) =>
    windowsOf(
      inputs,
      { kind: "tumbling", time: "event", sizeMs: sizeOf(inputs.step.variant), offsetMs: 0 },
      { kind: "custom", create: () => new EarlyTrigger(inputs.step.variant + 2) },
    ),
};

/** Shows its function only a part of the content, chosen by value. */
const evicting: StepKind = {
  kind: "evicting-windows",
  modes: IN_TIME,
  growth: 1,
  build: ({ stream, step: { variant } }) =>
    stream
      .keyBy(({ key }) => key, types.string)
      .window<Item>({
        assigner: { kind: "tumbling", time: "event", sizeMs: sizeOf(variant), offsetMs: 0 },
        evictor: keepBy((content) => content.filter(({ value }) => value.n % 3 !== variant % 3)),
        process: () => mergeAll,
        outputType: itemType,
      }),
};

/** All keys in one subtask. */
const whole: StepKind = {
  kind: "window-all",
  modes: IN_TIME,
  growth: 1,
  build: ({ stream, step: { variant } }) =>
    stream.windowAll<Item>({
      assigner: { kind: "tumbling", time: "event", sizeMs: sizeOf(variant), offsetMs: 0 },
      process: () => ({
        process: ({ window }, items, out) =>
          out.collect(mergedItem(items, "all", window.endMs - 1)),
      }),
      outputType: itemType,
    }),
};

export const windowSteps: readonly StepKind[] = [
  tumbling,
  sliding,
  sessions,
  early,
  evicting,
  whole,
];
