/**
 * What a user writes: functions over records, with state and timers. A job gives factories, so that
 * every attempt of every subtask gets an instance of its own; what must survive a failure lives in
 * state, never in a field.
 */
import type { SubtaskIndex } from "../core/ids.ts";
import type { StateStore } from "../state/state.ts";
import type { TimerService } from "../time/timer-service.ts";

/** Where a function puts its output; records keep the timestamp of the input or timer behind them. */
export interface Collector<T> {
  collect(value: T): void;
}

export type MapFunction<I, O> = (value: I) => O;
export type FilterFunction<I> = (value: I) => boolean;
export type FlatMapFunction<I, O> = (value: I, out: Collector<O>) => void;
/** Keys are compared by their serialized form. */
export type KeySelector<I, K> = (value: I) => K;

/** Handed to `open`, once per attempt, before any element. */
export interface RuntimeContext extends StateStore {
  readonly subtask: SubtaskIndex;
  readonly parallelism: number;
  /** True when the job was restored from a checkpoint, even if this operator had no state in it. */
  readonly restored: boolean;
}

export interface KeyedContext<K> {
  readonly key: K;
  /** Event time of the record or timer in hand, ms; minus infinity when a record has none. */
  readonly timestampMs: number;
  readonly timers: TimerService;
}

export interface KeyedProcessFunction<K, I, O> {
  open?(context: RuntimeContext): void;
  processElement(value: I, context: KeyedContext<K>, out: Collector<O>): void;
  onEventTimeTimer?(timestampMs: number, context: KeyedContext<K>, out: Collector<O>): void;
  onProcessingTimeTimer?(timestampMs: number, context: KeyedContext<K>, out: Collector<O>): void;
  close?(): void;
}
