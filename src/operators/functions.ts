/**
 * What a user writes: functions over records, with state and timers. A job gives factories, so that
 * every attempt of every subtask gets an instance of its own; what must survive a failure lives in
 * state, never in a field.
 */
import type { CheckpointId, SubtaskIndex } from "../core/ids.ts";
import type {
  BroadcastState,
  OperatorStateStore,
  ReadonlyBroadcastState,
} from "../state/operator-state.ts";
import type { MapStateDescriptor, StateStore } from "../state/state.ts";
import type { TimerService } from "../time/timer-service.ts";
import type { OutputTag } from "./output-tag.ts";

/** Where a function puts its output; records keep the timestamp of the input or timer behind them. */
export interface Collector<T> {
  collect(value: T): void;
  /** Into a side output; read with `stream.sideOutput(tag)`. */
  side<S>(tag: OutputTag<S>, value: S): void;
}

export type MapFunction<I, O> = (value: I) => O;
export type FilterFunction<I> = (value: I) => boolean;
export type FlatMapFunction<I, O> = (value: I, out: Collector<O>) => void;
/** Keys are compared by their serialized form. */
export type KeySelector<I, K> = (value: I) => K;
/** Associative; must not change its arguments. */
export type ReduceFunction<T> = (left: T, right: T) => T;

/** Folds inputs into an accumulator. Must not keep anything itself; may change the accumulator. */
export interface AggregateFunction<I, A, O> {
  createAccumulator(): A;
  /** The accumulator with the value in it: the same object changed, or another. */
  add(value: I, accumulator: A): A;
  result(accumulator: A): O;
  /** Both in one; needed for windows that merge. */
  merge(left: A, right: A): A;
}

/** Where a function runs, handed to `open`. */
export interface TaskInfo {
  readonly subtask: SubtaskIndex;
  readonly parallelism: number;
  /** True when the job was restored from a checkpoint, even if this operator had no state in it. */
  readonly restored: boolean;
}

/** Handed to `open` of a keyed function, once per attempt, before any element. */
export interface RuntimeContext extends TaskInfo, StateStore {}

/** Handed to `open` of a function without keys: its state belongs to the subtask. */
export interface OperatorRuntimeContext extends TaskInfo, OperatorStateStore {}

/** The record in hand. */
export interface ProcessContext {
  /** Event time, ms; minus infinity when the record has none. */
  readonly timestampMs: number;
  currentProcessingTime(): number;
  currentWatermark(): number;
}

export interface KeyedContext<K> {
  readonly key: K;
  /** Event time of the record or timer in hand, ms; minus infinity when a record has none. */
  readonly timestampMs: number;
  readonly timers: TimerService;
}

/** What every function with a life of its own may want to hear of. */
export interface Lifecycle {
  /**
   * A checkpoint is complete. A hint: it may be late, skip ids, or never come (C32), so no result may
   * depend on it. What it throws fails the task.
   */
  onCheckpointCompleted?(checkpointId: CheckpointId): void;
  /** The attempt is over, in whatever way. */
  close?(): void;
}

/** Over a stream without keys: state of the subtask, no timers. */
export interface ProcessFunction<I, O> extends Lifecycle {
  open?(context: OperatorRuntimeContext): void;
  processElement(value: I, context: ProcessContext, out: Collector<O>): void;
  /** All input has come, and the final watermark: the last chance to emit. */
  onEndOfInput?(out: Collector<O>): void;
}

export interface KeyedCallbacks<K, O> extends Lifecycle {
  open?(context: RuntimeContext): void;
  onEventTimeTimer?(timestampMs: number, context: KeyedContext<K>, out: Collector<O>): void;
  onProcessingTimeTimer?(timestampMs: number, context: KeyedContext<K>, out: Collector<O>): void;
}

export interface KeyedProcessFunction<K, I, O> extends KeyedCallbacks<K, O> {
  processElement(value: I, context: KeyedContext<K>, out: Collector<O>): void;
}

/** Over two connected streams without keys. */
export interface CoProcessFunction<L, R, O> extends Lifecycle {
  open?(context: OperatorRuntimeContext): void;
  processFirst(value: L, context: ProcessContext, out: Collector<O>): void;
  processSecond(value: R, context: ProcessContext, out: Collector<O>): void;
  onEndOfInput?(out: Collector<O>): void;
}

/** Over two connected streams with keys of one type: both sides share state and timers per key. */
export interface KeyedCoProcessFunction<K, L, R, O> extends KeyedCallbacks<K, O> {
  processFirst(value: L, context: KeyedContext<K>, out: Collector<O>): void;
  processSecond(value: R, context: KeyedContext<K>, out: Collector<O>): void;
}

/**
 * The broadcast state pattern: the second stream goes to every subtask and may change broadcast
 * state; the first may only read it. Every subtask has to change it in the same way.
 */
export interface BroadcastProcessFunction<I, B, O> extends Lifecycle {
  open?(context: OperatorRuntimeContext): void;
  processElement(value: I, context: ProcessContext & BroadcastReader, out: Collector<O>): void;
  processBroadcast(value: B, context: ProcessContext & BroadcastWriter, out: Collector<O>): void;
}

/**
 * The same with keyed state and timers for the first stream. What is broadcast has no key, so
 * `processBroadcast` must leave keyed state alone.
 */
export interface KeyedBroadcastProcessFunction<K, I, B, O> extends Lifecycle {
  open?(context: RuntimeContext): void;
  processElement(value: I, context: KeyedContext<K> & BroadcastReader, out: Collector<O>): void;
  processBroadcast(value: B, context: ProcessContext & BroadcastWriter, out: Collector<O>): void;
  onEventTimeTimer?(
    timestampMs: number,
    context: KeyedContext<K> & BroadcastReader,
    out: Collector<O>,
  ): void;
  onProcessingTimeTimer?(
    timestampMs: number,
    context: KeyedContext<K> & BroadcastReader,
    out: Collector<O>,
  ): void;
}

export interface BroadcastReader {
  broadcastState<K, V>(descriptor: MapStateDescriptor<K, V>): ReadonlyBroadcastState<K, V>;
}

export interface BroadcastWriter {
  broadcastState<K, V>(descriptor: MapStateDescriptor<K, V>): BroadcastState<K, V>;
}
