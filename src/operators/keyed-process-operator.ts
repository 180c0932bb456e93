/**
 * Runs a user's function over a keyed stream, with state and timers under the key of the record or
 * timer in hand.
 *
 * One context and one collector serve every record, so a function must not keep them. What a
 * processing-time timer emits has no timestamp: it happened at no event time. Timers of processing time
 * still waiting when the input ends are dropped, as in Flink.
 *
 * Not here: state, timers and when they fire (`keyed-core.ts`).
 */
import { InvariantError } from "../core/assert.ts";
import { NO_TIMESTAMP } from "../core/element.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import type { FiredTimer } from "../time/timer-service.ts";
import type { TypeSerializer } from "../types/type.ts";
import { BaseOperator } from "./base-operator.ts";
import { CurrentKey } from "./current-key.ts";
import type { KeyedProcessFunction, KeySelector } from "./functions.ts";
import { KeyedCore, plainTimers } from "./keyed-core.ts";
import type { OperatorContext, Output, PendingOperatorSnapshot } from "./operator.ts";
import { OutputCollector } from "./output-collector.ts";
import { keyedRuntimeContext } from "./runtime-context.ts";
import { rethrow } from "./user-function-error.ts";

export type KeyedProcessConfig<K, I, O> = Readonly<{
  key: KeySelector<I, K>;
  keyType: TypeSerializer<K>;
  create: () => KeyedProcessFunction<K, I, O>;
}>;

export class KeyedProcessOperator<K, I, O> extends BaseOperator<I, O> {
  readonly #config: KeyedProcessConfig<K, I, O>;
  readonly #collector: OutputCollector<O>;
  readonly #core: KeyedCore<K, K>;
  readonly #current: CurrentKey<K>;
  readonly #fireEventTime = (timer: FiredTimer<K>): void =>
    this.#fire(timer, timer.timestampMs, "onEventTimeTimer");
  readonly #fireProcessingTime = (timer: FiredTimer<K>): void =>
    this.#fire(timer, NO_TIMESTAMP, "onProcessingTimeTimer");
  #fn: KeyedProcessFunction<K, I, O> | undefined;

  constructor(config: KeyedProcessConfig<K, I, O>, output: Output<O>) {
    super(output);
    this.#config = config;
    this.#collector = new OutputCollector(output);
    this.#core = new KeyedCore(plainTimers(config.keyType));
    this.#current = new CurrentKey(this.#core);
  }

  override open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    this.#core.open(context, state);
    try {
      const fn = this.#config.create();
      fn.open?.(keyedRuntimeContext(context, this.#core.keyed));
      this.#fn = fn;
    } catch (error) {
      rethrow(error, context.uid, "opening subtask", context.subtask);
    }
    this.#core.armed();
  }

  override processElement(value: I, timestampMs: number): void {
    const fn = this.#ready();
    const selectKey = this.#config.key;
    try {
      this.#core.enter(selectKey(value));
      this.#current.timestampMs = timestampMs;
      this.#collector.timestampMs = timestampMs;
      fn.processElement(value, this.#current, this.#collector);
    } catch (error) {
      rethrow(error, this.#core.context.uid, "on record", value);
    }
  }

  override processWatermark(watermarkMs: number): void {
    this.#core.advanceWatermark(watermarkMs, this.#fireEventTime);
    if (!this.#core.closed) this.output.emitWatermark(watermarkMs);
  }

  override advanceProcessingTime(nowMs: number): number | undefined {
    return this.#core.advanceProcessingTime(nowMs, this.#fireProcessingTime);
  }

  protected override takeSnapshot(): PendingOperatorSnapshot {
    return this.#core.snapshot();
  }

  override close(): void {
    if (this.#core.closed) return;
    this.#core.close();
    const fn = this.#fn;
    if (fn === undefined) return;
    const { uid, subtask } = this.#core.context;
    try {
      fn.close?.();
    } catch (error) {
      rethrow(error, uid, "closing subtask", subtask);
    }
  }

  #ready(): KeyedProcessFunction<K, I, O> {
    const fn = this.#fn;
    if (fn === undefined) throw new InvariantError("a keyed operator is used before it is open");
    return fn;
  }

  #fire(
    { key, timestampMs }: FiredTimer<K>,
    outputTimestampMs: number,
    callback: "onEventTimeTimer" | "onProcessingTimeTimer",
  ): void {
    const fn = this.#ready();
    this.#current.timestampMs = outputTimestampMs;
    this.#collector.timestampMs = outputTimestampMs;
    try {
      fn[callback]?.(timestampMs, this.#current, this.#collector);
    } catch (error) {
      rethrow(error, this.#core.context.uid, `on the timer at ${timestampMs} of key`, key);
    }
  }
}
