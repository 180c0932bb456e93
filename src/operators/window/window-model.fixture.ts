/**
 * The window operator beside its plain twin, for random jobs and streams: one or more subtasks that are
 * snapshotted, restored and rescaled on the way, and one list of windows that never fails.
 */
import fc from "fast-check";
import { createWindowTwin } from "../../../properties/reference/window-twin.ts";
import type { LogicalNode } from "../../graph/logical-graph.ts";
import { asCheckpointId, asSubtaskIndex } from "../../core/ids.ts";
import { TestHost } from "../../host/testing.ts";
import { keyGroupOf, rangeOf, subtaskOf } from "../../state/key-groups.ts";
import type { OperatorSnapshot } from "../../state/operator-snapshot.ts";
import { createKeyCodec } from "../../types/keys.ts";
import { types } from "../../types/serializers.ts";
import type { ValueOf } from "../../types/type.ts";
import type { PendingOperatorSnapshot } from "../operator.ts";
import { outputTag } from "../output-tag.ts";
import { RecordingOutput, stored, testContext } from "../testing.ts";
import { checkWindow } from "./check-window.ts";
import { WindowOperator } from "./window-operator.ts";
import type {
  Evictor,
  Trigger,
  TriggerContext,
  WindowAssigner,
  WindowComputation,
  WindowSpec,
  WindowTime,
  WindowTrigger,
} from "./window-spec.ts";

export const recordType = types.record({
  key: types.string,
  /** A number of its own; of what was folded, all of them in order. */
  ids: types.string,
  size: types.long,
});
export type Item = ValueOf<typeof recordType>;
export type ItemSpec = WindowSpec<string, Item, string>;

export type Move = Readonly<
  | { kind: "record"; key: string; timeMs: number; size: number }
  | { kind: "watermark" | "clock"; byMs: number }
  | { kind: "restore"; parallelism: number }
>;

const time = fc.constantFrom<WindowTime>("event", "event", "processing");

const assigner: fc.Arbitrary<WindowAssigner<Item>> = fc
  .record({
    kind: fc.constantFrom("tumbling", "sliding", "session", "dynamic-session", "global"),
    time,
    sizeMs: fc.integer({ min: 1, max: 12 }),
    slideMs: fc.integer({ min: 1, max: 12 }),
    offsetMs: fc.integer({ min: -11, max: 11 }),
  })
  .map(({ kind, time: by, sizeMs, slideMs, offsetMs }): WindowAssigner<Item> => {
    const slide = Math.min(slideMs, sizeMs);
    switch (kind) {
      case "tumbling":
        return { kind, time: by, sizeMs, offsetMs: offsetMs % sizeMs };
      case "sliding":
        return { kind, time: by, sizeMs, slideMs: slide, offsetMs: offsetMs % slide };
      case "session":
        return { kind, time: by, gapMs: sizeMs };
      case "dynamic-session":
        return { kind: "session", time: by, gapMs: ({ size }) => size };
      default:
        return { kind: "global" };
    }
  });

/** Uses all that a trigger may, and leaves timers behind. */
const restless = (): WindowTrigger<Item> => {
  const count = (context: TriggerContext, by: number): number => {
    const counted = (context.get("count") ?? 0) + by;
    context.set("count", counted % 5 === 0 ? undefined : counted);
    return counted;
  };
  return {
    onElement({ size }, timestampMs, context) {
      context.registerEventTimeTimer(timestampMs + size);
      context.registerProcessingTimeTimer(context.currentProcessingTime() + size);
      const counted = count(context, 1);
      if (counted % 4 === 0) return "purge";
      return counted % 3 === 0 ? "fire" : "continue";
    },
    onEventTime(timeMs, context) {
      context.set("event", timeMs);
      context.deleteProcessingTimeTimer(timeMs);
      return timeMs % 2 === 0 ? "fire" : "continue";
    },
    onProcessingTime: (timeMs) => (timeMs % 3 === 0 ? "fire-and-purge" : "continue"),
    onMerge(context, merged) {
      for (const numbers of merged) count(context, numbers.get("count") ?? 0);
      context.set("event", Math.max(...merged.map((numbers) => numbers.get("event") ?? 0)));
    },
    clear: () => undefined,
  };
};

const plain: fc.Arbitrary<Trigger<Item>> = fc.oneof(
  fc.constantFrom<Trigger<Item>>(
    { kind: "event-time" },
    { kind: "processing-time" },
    { kind: "never" },
    { kind: "custom", create: restless },
  ),
  fc.record({ kind: fc.constant("count" as const), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({
    kind: fc.constant("continuous" as const),
    time,
    intervalMs: fc.integer({ min: 1, max: 9 }),
  }),
  fc.integer({ min: 0, max: 6 }).map((threshold): Trigger<Item> => ({
    kind: "delta",
    threshold,
    delta: (from, to) => Math.abs(to.size - from.size),
    type: recordType,
  })),
);
const trigger = fc.oneof(
  fc.constant(undefined),
  plain,
  plain.map((of): Trigger<Item> => ({ kind: "purging", of })),
);

const evictor: fc.Arbitrary<Evictor<Item> | undefined> = fc.option(
  fc
    .tuple(
      fc.constantFrom("count", "time", "delta", "custom"),
      fc.integer({ min: 1, max: 6 }),
      fc.constantFrom("before", "after"),
    )
    .map(([kind, bound, when]): Evictor<Item> => {
      const delta = (from: Item, to: Item): number => Math.abs(to.size - from.size);
      switch (kind) {
        case "count":
          return { when, keep: { kind, countMax: bound } };
        case "time":
          return { when, keep: { kind, ageMsMax: bound } };
        case "delta":
          return { when, keep: { kind, threshold: bound - 1, delta } };
        default:
          return {
            when,
            keep: {
              kind: "custom",
              keep: (all) => all.filter(({ value }) => value.size !== bound),
            },
          };
      }
    }),
  { nil: undefined, freq: 3 },
);

const byWindow = {
  create: () => ({
    process(
      { key, window }: { key: string; window: { startMs: number; endMs: number } },
      values: readonly unknown[],
      out: { collect(value: string): void },
    ) {
      out.collect(`${key}[${window.startMs},${window.endMs}) ${JSON.stringify(values)}`);
    },
  }),
};

/** Folds in the order of the content, and changes its accumulator in place. */
const computation: fc.Arbitrary<WindowComputation<string, Item, string>> = fc
  .tuple(fc.constantFrom("reduce", "aggregate", "process"), fc.boolean())
  .map(([kind, withWindow]): WindowComputation<string, Item, string> => {
    const process = withWindow ? { process: byWindow.create } : {};
    switch (kind) {
      case "reduce":
        return {
          kind,
          reduce: (left, right) => ({ ...left, ids: `${left.ids} ${right.ids}` }),
          ...process,
        };
      case "aggregate":
        return {
          kind,
          accumulatorType: types.list(types.string),
          aggregate: {
            createAccumulator: (): string[] => [],
            add(value: Item, ids: unknown) {
              (ids as string[]).push(value.ids);
              return ids;
            },
            result: (ids: unknown) => (ids as string[]).join("+"),
            merge: (left: unknown, right: unknown) => [
              ...(left as string[]),
              ...(right as string[]),
            ],
          },
          ...process,
        } as WindowComputation<string, Item, string>;
      default:
        return { kind: "process", ...byWindow };
    }
  });

const lateTag = outputTag("late", recordType);

/** Any windows that a job may ask for. */
export const specs: fc.Arbitrary<ItemSpec> = fc
  .record({
    assigner,
    trigger,
    evictor,
    computation,
    allowedLatenessMs: fc.constantFrom(0, 0, 1, 4, 20, Infinity),
  })
  .map((parts): ItemSpec => {
    const { assigner: by } = parts;
    const late = by.kind !== "global" && by.time === "event";
    const allowedLatenessMs = late ? parts.allowedLatenessMs : 0;
    return { ...parts, allowedLatenessMs, type: recordType, lateOutput: lateTag };
  })
  .filter((spec) => checkWindow("windows", spec).length === 0);

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("record" as const),
      key: fc.constantFrom("a", "b", "c"),
      timeMs: fc.integer({ min: -15, max: 12 }),
      size: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom("watermark" as const, "clock" as const),
      byMs: fc.integer({ min: 0, max: 9 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("restore" as const),
      parallelism: fc.integer({ min: 1, max: 3 }),
    }),
  },
);
/** Records come around event time, some before it, some behind. */
export const moves: fc.Arbitrary<readonly Move[]> = fc.array(move, {
  maxLength: 90,
  size: "max",
});

const MAX_PARALLELISM = 16;
/** The watermark that both begin with. */
const START_MS = -20;
const keys = createKeyCodec(types.string);
const config = (spec: ItemSpec) => ({
  key: ({ key }: Item) => key,
  keyType: types.string,
  spec,
});

type Subtask = Readonly<{
  operator: WindowOperator<string, Item, string>;
  output: RecordingOutput;
}>;

/** Subtasks that share a clock and get what is theirs. */
export class Subtasks {
  readonly host = new TestHost();
  readonly #spec: ItemSpec;
  #subtasks: readonly Subtask[];
  watermarkMs = START_MS;

  constructor(spec: ItemSpec) {
    this.#spec = spec;
    this.#subtasks = this.#open(1, []);
    this.watermark(START_MS);
  }

  get parallelism(): number {
    return this.#subtasks.length;
  }

  record(value: Item, timestampMs: number): string[] {
    const group = keyGroupOf(keys.hash(value.key), MAX_PARALLELISM);
    const at = subtaskOf(group, this.parallelism, MAX_PARALLELISM);
    this.#subtasks[at]!.operator.processElement(recordType.copy(value), timestampMs);
    return this.#take();
  }

  watermark(watermarkMs: number): string[] {
    this.watermarkMs = watermarkMs;
    for (const { operator } of this.#subtasks) operator.processWatermark(watermarkMs);
    return this.#take();
  }

  clock(byMs: number): string[] {
    this.host.advanceMs(byMs);
    for (const { operator } of this.#subtasks) operator.advanceProcessingTime(this.host.wallMs());
    return this.#take();
  }

  pending(): readonly PendingOperatorSnapshot[] {
    return this.#subtasks.map(({ operator }) =>
      operator.snapshot(asCheckpointId(1), () => undefined),
    );
  }

  snapshot(): readonly OperatorSnapshot[] {
    return this.pending().map((each) => stored(each));
  }

  /** New subtasks, as many as said, to which the watermark comes again. */
  restore(parallelism: number, snapshots: readonly OperatorSnapshot[]): string[] {
    for (const { operator } of this.#subtasks) operator.close();
    this.#subtasks = this.#open(parallelism, snapshots);
    return this.catchUp();
  }

  /** Lets what is due already fire. */
  catchUp(): string[] {
    return [...this.clock(0), ...this.watermark(this.watermarkMs)];
  }

  #open(parallelism: number, snapshots: readonly OperatorSnapshot[]): readonly Subtask[] {
    return Array.from({ length: parallelism }, (_, i) => {
      const subtask = asSubtaskIndex(i);
      const keyGroups = rangeOf(subtask, parallelism, MAX_PARALLELISM);
      const own = ({ keyGroup }: { keyGroup: number }): boolean =>
        keyGroup >= keyGroups.first && keyGroup <= keyGroups.last;
      const output = new RecordingOutput();
      const operator = new WindowOperator(config(this.#spec), output);
      operator.open(
        testContext(this.host, {
          subtask,
          parallelism,
          maxParallelism: MAX_PARALLELISM,
          keyGroups,
        }),
        snapshots.map((snapshot) => ({
          ...snapshot,
          keyed: snapshot.keyed.filter(own),
          timers: snapshot.timers.filter(own),
        })),
      );
      return { operator, output };
    });
  }

  #take(): string[] {
    return this.#subtasks
      .flatMap(({ output }) => output.take())
      .filter((line) => !line.startsWith("~"));
  }
}

/** The twin on the same stage. */
export class Reference {
  readonly #output = new RecordingOutput();
  readonly #twin;
  #nowMs = 0;
  #watermarkMs = START_MS;

  constructor(spec: ItemSpec) {
    const logic = { kind: "window", ...config(spec) };
    this.#twin = createWindowTwin(logic as never, {
      node: {} as LogicalNode,
      clocks: { processingTimeMs: () => this.#nowMs, watermarkMs: () => this.#watermarkMs },
      emit: (value, timestampMs) => this.#output.emit(value, timestampMs),
      emitSide: (id, value, timestampMs) =>
        this.#output.emitSide(outputTag(id, recordType), value as Item, timestampMs),
    });
  }

  record(value: Item, timestampMs: number): string[] {
    this.#twin.receive(0, recordType.copy(value), timestampMs);
    return this.#output.take();
  }

  watermark(watermarkMs: number): string[] {
    this.#watermarkMs = watermarkMs;
    this.#twin.advance?.(watermarkMs);
    return this.#output.take();
  }

  clock(byMs: number): string[] {
    this.#nowMs += byMs;
    for (;;) {
      const nextMs = this.#twin.nextProcessingMs?.();
      if (nextMs === undefined || nextMs > this.#nowMs) return this.#output.take();
      this.#twin.fireProcessingTime?.(this.#nowMs);
    }
  }

  catchUp(): string[] {
    return [...this.clock(0), ...this.watermark(this.#watermarkMs)];
  }
}
