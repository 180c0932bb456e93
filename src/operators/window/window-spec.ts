/**
 * What a job says of its windows: which windows a record belongs to, when they fire, what of their
 * content counts, and what comes of it. Plain data plus functions.
 *
 * Source: Flink, WindowAssigner, Trigger, Evictor. Not here: how windows are kept (`window-operator.ts`).
 */
import type { TypeSerializer } from "../../types/type.ts";
import type { AggregateFunction, Collector, ReduceFunction } from "../functions.ts";
import type { OutputTag } from "../output-tag.ts";

/** From `startMs` to before `endMs`; the global window is from minus to plus infinity. */
export type TimeWindow = Readonly<{ startMs: number; endMs: number }>;

export type WindowTime = "event" | "processing";

/**
 * Windows begin at multiples of their size (sliding: of their slide) from `offsetMs` on, before 1970
 * too (C86). A record's windows are those that its time lies in, by event time or by the clock.
 */
export type WindowAssigner<T> = Readonly<
  | { kind: "tumbling"; time: WindowTime; sizeMs: number; offsetMs: number }
  | { kind: "sliding"; time: WindowTime; sizeMs: number; slideMs: number; offsetMs: number }
  /**
   * A record opens a window from its time to a gap behind it; `gapMs` may depend on the record. What
   * overlaps or touches merges (C90): contents follow one another in order of the windows' starts.
   */
  | { kind: "session"; time: WindowTime; gapMs: number | ((value: T) => number) }
  /** One window for ever: nothing fires without a trigger. */
  | { kind: "global" }
>;

export type TriggerResult = "continue" | "fire" | "purge" | "fire-and-purge";

/** What a trigger of the user's own sees: timers and state of one key and window. */
export interface TriggerContext {
  readonly window: TimeWindow;
  currentWatermark(): number;
  currentProcessingTime(): number;
  registerEventTimeTimer(timestampMs: number): void;
  deleteEventTimeTimer(timestampMs: number): void;
  registerProcessingTimeTimer(timestampMs: number): void;
  deleteProcessingTimeTimer(timestampMs: number): void;
  /** One number by name, kept with the window: undefined until set. */
  get(name: string): number | undefined;
  set(name: string, value: number | undefined): void;
}

/**
 * Keeps nothing itself: one instance serves every key and window of a subtask. Besides its own timers
 * it hears of the one at which its window will be over, right before that. Timers that are left
 * then are ignored.
 */
export interface WindowTrigger<T> {
  onElement(value: T, timestampMs: number, context: TriggerContext): TriggerResult;
  onEventTime(timeMs: number, context: TriggerContext): TriggerResult;
  onProcessingTime(timeMs: number, context: TriggerContext): TriggerResult;
  /**
   * Windows became the one of `context`, whose numbers are still unset; `merged` holds those of each
   * one, in order of their starts. The record behind it comes next, to `onElement`. Absent: the
   * trigger cannot go with windows that merge.
   */
  onMerge?(context: TriggerContext, merged: readonly ReadonlyMap<string, number>[]): void;
  /** The window is over: delete timers that are left. Its numbers go by themselves. */
  clear(context: TriggerContext): void;
}

/** A trigger that a record or a timer does not concern lets things be. */
export type Trigger<T> = Readonly<
  /** When the watermark comes to the window's last ms; then at once for each late record (C87). */
  | { kind: "event-time" }
  /** When the clock comes to the window's last ms. */
  | { kind: "processing-time" }
  /** At every `count`-th record since it last fired; windows that merge add up. */
  | { kind: "count"; count: number }
  /**
   * At every multiple of the interval from the first record in the window on: behind its event time,
   * or behind the clock's time when it came; until the window's last ms. Windows that merge keep
   * the earliest multiple that is due. Of event time: at the last ms as well, and then like
   * "event-time". Of processing time: at the last ms as well if windows are of processing time.
   */
  | { kind: "continuous"; time: WindowTime; intervalMs: number }
  /**
   * When `delta` exceeds the threshold, from the record that it fired with last (at first, from the
   * window's first record).
   */
  | { kind: "delta"; threshold: number; delta: (from: T, to: T) => number; type: TypeSerializer<T> }
  /** Whenever the inner one fires, the content goes too. */
  | { kind: "purging"; of: Trigger<T> }
  | { kind: "never" }
  | { kind: "custom"; create: () => WindowTrigger<T> }
>;

/** What an evictor sees of a window's content, in order of arrival. */
export type Timestamped<T> = Readonly<{ value: T; timestampMs: number }>;

/** What it takes out is gone for good. If it leaves nothing, nothing comes out. */
export type Evictor<T> = Readonly<{
  /** Which of the content stay. */
  keep:
    /** The last so many. */
    | Readonly<{ kind: "count"; countMax: number }>
    /** Those no older than `ageMsMax` before the newest. */
    | Readonly<{ kind: "time"; ageMsMax: number }>
    /** Those whose `delta` to the last one is below the threshold. */
    | Readonly<{ kind: "delta"; threshold: number; delta: (from: T, last: T) => number }>
    | Readonly<{ kind: "custom"; keep: (content: readonly Timestamped<T>[]) => Timestamped<T>[] }>;
  /** "before" (by default) or "after" the window function has seen the content. */
  when?: "before" | "after";
}>;

export interface WindowContext<K> {
  readonly key: K;
  readonly window: TimeWindow;
  currentWatermark(): number;
  currentProcessingTime(): number;
}

/**
 * Called once per firing, with all of the content, or with the one value it was folded into. Must
 * neither keep nor change what it is handed. What it puts out has the window's last ms for a
 * timestamp; none for the global window.
 */
export interface ProcessWindowFunction<K, I, O> {
  process(context: WindowContext<K>, values: readonly I[], out: Collector<O>): void;
}

/** What comes of a window's content. */
export type WindowComputation<K, T, O> = Readonly<
  | {
      kind: "reduce";
      reduce: ReduceFunction<T>;
      /** Sees the one value; absent: it is the output. */
      process?: (() => ProcessWindowFunction<K, T, O>) | undefined;
    }
  | {
      kind: "aggregate";
      aggregate: AggregateFunction<T, unknown, unknown>;
      accumulatorType: TypeSerializer<unknown>;
      process?: (() => ProcessWindowFunction<K, unknown, O>) | undefined;
    }
  | { kind: "process"; create: () => ProcessWindowFunction<K, T, O> }
>;

export type WindowSpec<K = unknown, T = unknown, O = unknown> = Readonly<{
  assigner: WindowAssigner<T>;
  /** Absent: the assigner's own (event time, processing time, never). */
  trigger?: Trigger<T> | undefined;
  /** Needs the whole content: incremental computations then run at firing. */
  evictor?: Evictor<T> | undefined;
  /**
   * How long after its last ms a window stays and takes late records (C88): 0 or more, or plus
   * infinity; event time only; 0 by default.
   */
  allowedLatenessMs: number;
  /** Where records go that come too late for every window of theirs; absent: they are dropped. */
  lateOutput?: OutputTag<T> | undefined;
  computation: WindowComputation<K, T, O>;
  /** Of the records, for the content. */
  type: TypeSerializer<T>;
}>;

/** Both sides of two streams that fall into one window, by key. */
export type CoGroupSpec<K = unknown, L = unknown, R = unknown, O = unknown> = Readonly<{
  assigner: WindowAssigner<unknown>;
  trigger?: Trigger<unknown> | undefined;
  allowedLatenessMs: number;
  types: readonly [TypeSerializer<L>, TypeSerializer<R>];
  apply: (
    left: readonly L[],
    right: readonly R[],
    context: WindowContext<K>,
    out: Collector<O>,
  ) => void;
}>;
