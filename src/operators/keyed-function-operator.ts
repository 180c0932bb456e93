/**
 * What operators have in common that run a user's function with state and timers under the key in hand.
 *
 * One context and one collector serve every record, so a function must not keep them. What a
 * processing-time timer emits has no timestamp: it happened at no event time. Timers of processing time
 * still waiting when the input ends are dropped, as in Flink.
 *
 * Not here: state, timers and when they fire (`keyed-core.ts`).
 */
import { NO_TIMESTAMP } from "../core/element.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import type { SnapshotRequest } from "../state/state-backend.ts";
import type { FiredTimer } from "../time/timer-service.ts";
import type { TypeSerializer } from "../types/type.ts";
import type { CurrentKey } from "./current-key.ts";
import { FunctionOperator } from "./function-operator.ts";
import type { KeyedCallbacks } from "./functions.ts";
import { KeyedCore, plainTimers, type StateGate } from "./keyed-core.ts";
import type { OperatorContext, Output, PendingOperatorSnapshot } from "./operator.ts";
import { keyedRuntimeContext } from "./runtime-context.ts";

export abstract class KeyedFunctionOperator<
  K,
  F extends KeyedCallbacks<K, O>,
  I,
  O,
> extends FunctionOperator<F, I, O> {
  protected readonly core: KeyedCore<K, K>;
  /** What the function sees of the record or timer in hand. */
  protected abstract readonly current: CurrentKey<K>;
  readonly #fireEventTime = (timer: FiredTimer<K>): void =>
    this.#fire(timer, timer.timestampMs, "onEventTimeTimer");
  readonly #fireProcessingTime = (timer: FiredTimer<K>): void =>
    this.#fire(timer, NO_TIMESTAMP, "onProcessingTimeTimer");

  constructor(keyType: TypeSerializer<K>, create: () => F, output: Output<O>) {
    super(create, output);
    this.core = new KeyedCore(plainTimers(keyType));
  }

  get gate(): StateGate<K> {
    return this.core;
  }

  override open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    this.core.open(context, state);
    this.start(context, (fn) => fn.open?.(keyedRuntimeContext(context, this.core.keyed)));
    this.core.armed();
  }

  override processWatermark(watermarkMs: number): void {
    const isPast = this.core.advanceWatermark(watermarkMs, this.#fireEventTime);
    if (isPast) this.output.emitWatermark(watermarkMs);
  }

  override advanceProcessingTime(nowMs: number): number | undefined {
    return this.core.advanceProcessingTime(nowMs, this.#fireProcessingTime);
  }

  protected override takeSnapshot(request?: SnapshotRequest): PendingOperatorSnapshot {
    return this.core.snapshot(request);
  }

  override close(): void {
    this.core.close();
    super.close();
  }

  /** Makes `key` the one in hand, for a record of this time. */
  protected enter(key: K, timestampMs: number): void {
    this.core.enter(key);
    this.current.timestampMs = timestampMs;
    this.collector.timestampMs = timestampMs;
  }

  #fire(
    { key, timestampMs }: FiredTimer<K>,
    outputTimestampMs: number,
    callback: "onEventTimeTimer" | "onProcessingTimeTimer",
  ): void {
    const { fn } = this;
    this.current.timestampMs = outputTimestampMs;
    this.collector.timestampMs = outputTimestampMs;
    try {
      fn[callback]?.(timestampMs, this.current, this.collector);
    } catch (error) {
      this.failed(error, `on the timer at ${timestampMs} of key`, key);
    }
  }
}
