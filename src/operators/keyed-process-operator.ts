/**
 * Runs a user's function over a keyed stream, with state and timers under the key of the record or
 * timer in hand.
 *
 *   record    -> its key becomes current -> processElement
 *   watermark -> timers up to it, in order -> the watermark goes on (C71)
 *   clock     -> processing-time timers that are due
 *
 * KP1  A callback runs under the key of its record or timer; state and timers follow it (C72).
 * KP2  Registering a timer never calls back: callbacks run from watermarks and the clock alone (C73).
 * KP3  After `close` nothing fires (C75).
 *
 * One context and one collector serve every record, so a function must not keep them. What a
 * processing-time timer emits has no timestamp: it happened at no event time. Timers of processing time
 * still waiting when the input ends are dropped, as in Flink.
 *
 * Not here: the timers themselves (`time/timers.ts`), state (`state/`).
 */
import { assert, InvariantError } from "../core/assert.ts";
import { NO_TIMESTAMP, WATERMARK_MIN } from "../core/element.ts";
import type { CheckpointId, KeyGroup } from "../core/ids.ts";
import { ok, type Result } from "../core/result.ts";
import { keyGroupOf } from "../state/key-groups.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import { StateIncompatibleError, type KeyedStateBackend } from "../state/state-backend.ts";
import type { FiredTimer, TimerService } from "../time/timer-service.ts";
import { KeyedTimers } from "../time/timers.ts";
import { createKeyCodec, type KeyCodec } from "../types/keys.ts";
import type { TypeSerializer } from "../types/type.ts";
import type {
  KeyedContext,
  KeyedProcessFunction,
  KeySelector,
  RuntimeContext,
} from "./functions.ts";
import type { Operator, OperatorContext, Output, PendingOperatorSnapshot } from "./operator.ts";
import { OutputCollector } from "./output-collector.ts";
import { rethrow } from "./user-function-error.ts";

export type KeyedProcessConfig<K, I, O> = Readonly<{
  key: KeySelector<I, K>;
  keyType: TypeSerializer<K>;
  create: () => KeyedProcessFunction<K, I, O>;
}>;

export class KeyedProcessOperator<K, I, O> implements Operator<I> {
  readonly #config: KeyedProcessConfig<K, I, O>;
  readonly #output: Output<O>;
  readonly #collector: OutputCollector<O>;
  #opened: Opened<K, I, O> | undefined;
  #closed = false;
  /** What the subtask was last told; a timer before it has to wake the subtask. */
  #toldDueMs = Number.POSITIVE_INFINITY;

  constructor(config: KeyedProcessConfig<K, I, O>, output: Output<O>) {
    this.#config = config;
    this.#output = output;
    this.#collector = new OutputCollector(output);
  }

  open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    const { create, keyType } = this.#config;
    const { keyGroups: range, maxParallelism, backend, uid } = context;
    const timers = new KeyedTimers<K>({ keyType, range });
    const keyed = backend.create<K>({ keyType, range, maxParallelism });
    for (const snapshot of state) {
      if (snapshot.operatorState.length > 0) throw listStateFound(uid);
      for (const group of snapshot.keyed) keyed.restore(group);
      for (const group of snapshot.timers) timers.restore(group);
    }
    const codec = createKeyCodec(keyType);
    const keyedContext = new CurrentKey(context, timers, keyed, () => this.#wakeForTimer());
    let fn: KeyedProcessFunction<K, I, O>;
    try {
      fn = create();
      fn.open?.(runtimeContext(context, keyed));
    } catch (error) {
      rethrow(error, uid, "opening subtask", context.subtask);
    }
    this.#opened = { context, codec, timers, keyed, keyedContext, fn };
    // C74: what is overdue fires soon, with or without new input.
    this.#wakeForTimer();
  }

  processElement(value: I, timestampMs: number): void {
    const { context, codec, keyedContext, fn } = this.#ready();
    const selectKey = this.#config.key;
    try {
      const key = selectKey(value);
      const keyGroup = keyGroupOf(codec.hash(key), context.maxParallelism);
      keyedContext.enter(key, keyGroup, timestampMs);
      this.#collector.timestampMs = timestampMs;
      fn.processElement(value, keyedContext, this.#collector);
    } catch (error) {
      rethrow(error, context.uid, "on record", value);
    }
  }

  processWatermark(watermarkMs: number): void {
    const { timers, keyedContext } = this.#ready();
    assert(
      watermarkMs >= keyedContext.watermarkMs,
      () => `watermark ${watermarkMs} after ${keyedContext.watermarkMs}`,
    );
    keyedContext.watermarkMs = watermarkMs;
    let timer = this.#closed ? undefined : timers.popEventTimeDue(watermarkMs);
    while (timer !== undefined) {
      this.#fire(timer, timer.timestampMs, "onEventTimeTimer");
      timer = this.#closed ? undefined : timers.popEventTimeDue(watermarkMs);
    }
    if (!this.#closed) this.#output.emitWatermark(watermarkMs);
  }

  advanceProcessingTime(nowMs: number): number | undefined {
    if (this.#closed) return undefined;
    const { timers } = this.#ready();
    // Timers registered by these callbacks are in the answer: nobody has to be woken for them.
    this.#toldDueMs = Number.NEGATIVE_INFINITY;
    let timer = timers.popProcessingTimeDue(nowMs);
    while (timer !== undefined) {
      this.#fire(timer, NO_TIMESTAMP, "onProcessingTimeTimer");
      timer = this.#closed ? undefined : timers.popProcessingTimeDue(nowMs);
    }
    const nextMs = timers.nextProcessingTime();
    this.#toldDueMs = nextMs ?? Number.POSITIVE_INFINITY;
    return nextMs;
  }

  prepareBarrier(_checkpointId: CheckpointId): void {}

  snapshot(
    _checkpointId: CheckpointId,
    done: (result: Result<undefined, string>) => void,
  ): PendingOperatorSnapshot {
    const { keyed, timers } = this.#ready();
    const pending = { keyed: keyed.snapshot(), timers: timers.snapshot(), operatorState: [] };
    done(ok(undefined));
    return pending;
  }

  checkpointCompleted(_checkpointId: CheckpointId, done: () => void): void {
    done();
  }

  checkpointAborted(_checkpointId: CheckpointId): void {}

  finish(): void {}

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const opened = this.#opened;
    if (opened === undefined) return;
    try {
      opened.fn.close?.();
    } catch (error) {
      rethrow(error, opened.context.uid, "closing subtask", opened.context.subtask);
    }
  }

  #ready(): Opened<K, I, O> {
    const opened = this.#opened;
    if (opened === undefined)
      throw new InvariantError("a keyed operator is used before it is open");
    return opened;
  }

  #fire(
    { key, keyGroup, timestampMs }: FiredTimer<K>,
    outputTimestampMs: number,
    callback: "onEventTimeTimer" | "onProcessingTimeTimer",
  ): void {
    const { context, keyedContext, fn } = this.#ready();
    keyedContext.enter(key, keyGroup, outputTimestampMs);
    this.#collector.timestampMs = outputTimestampMs;
    try {
      fn[callback]?.(timestampMs, keyedContext, this.#collector);
    } catch (error) {
      rethrow(error, context.uid, `on the timer at ${timestampMs} of key`, key);
    }
  }

  #wakeForTimer(): void {
    const { context, timers } = this.#ready();
    const nextMs = timers.nextProcessingTime();
    if (nextMs === undefined || nextMs >= this.#toldDueMs) return;
    this.#toldDueMs = nextMs;
    context.wakeUp();
  }
}

type Opened<K, I, O> = Readonly<{
  context: OperatorContext;
  codec: KeyCodec<K>;
  timers: KeyedTimers<K>;
  keyed: KeyedStateBackend<K>;
  keyedContext: CurrentKey<K>;
  fn: KeyedProcessFunction<K, I, O>;
}>;

/** The context of every record and timer in turn; its timers are those of the current key. */
class CurrentKey<K> implements KeyedContext<K>, TimerService {
  readonly timers: TimerService = this;
  watermarkMs = WATERMARK_MIN;
  timestampMs = NO_TIMESTAMP;
  #keyGroup: KeyGroup | undefined;
  readonly #context: OperatorContext;
  readonly #timers: KeyedTimers<K>;
  readonly #keyed: KeyedStateBackend<K>;
  readonly #onRegistered: () => void;

  constructor(
    context: OperatorContext,
    timers: KeyedTimers<K>,
    keyed: KeyedStateBackend<K>,
    onRegistered: () => void,
  ) {
    this.#context = context;
    this.#timers = timers;
    this.#keyed = keyed;
    this.#onRegistered = onRegistered;
  }

  get key(): K {
    return this.#keyed.currentKey();
  }

  enter(key: K, keyGroup: KeyGroup, timestampMs: number): void {
    const { first, last } = this.#context.keyGroups;
    if (keyGroup < first || keyGroup > last) throw misrouted(keyGroup, first, last);
    this.#keyed.setCurrentKey(key, keyGroup);
    this.#keyGroup = keyGroup;
    this.timestampMs = timestampMs;
  }

  currentProcessingTime(): number {
    return this.#context.host.wallMs();
  }

  currentWatermark(): number {
    return this.watermarkMs;
  }

  registerEventTimeTimer(timestampMs: number): void {
    this.#timers.registerEventTime(this.key, this.#group(), timestampMs);
  }

  deleteEventTimeTimer(timestampMs: number): void {
    this.#timers.deleteEventTime(this.key, timestampMs);
  }

  registerProcessingTimeTimer(timestampMs: number): void {
    this.#timers.registerProcessingTime(this.key, this.#group(), timestampMs);
    this.#onRegistered();
  }

  deleteProcessingTimeTimer(timestampMs: number): void {
    this.#timers.deleteProcessingTime(this.key, timestampMs);
  }

  #group(): KeyGroup {
    const keyGroup = this.#keyGroup;
    if (keyGroup === undefined) throw new InvariantError("KP1 a timer without a current key");
    return keyGroup;
  }
}

function runtimeContext<K>(context: OperatorContext, keyed: KeyedStateBackend<K>): RuntimeContext {
  const { subtask, parallelism, restored } = context;
  return {
    subtask,
    parallelism,
    restored,
    getState: (descriptor) => keyed.getState(descriptor),
    getListState: (descriptor) => keyed.getListState(descriptor),
    getMapState: (descriptor) => keyed.getMapState(descriptor),
  };
}

const listStateFound = (uid: string): StateIncompatibleError =>
  new StateIncompatibleError(
    `operator "${uid}" keeps keyed state, yet the checkpoint holds list state under its uid; ` +
      "give the operator that wrote it this uid, or start without the checkpoint",
  );

const misrouted = (keyGroup: number, first: number, last: number): InvariantError =>
  new InvariantError(`C54 key group ${keyGroup} at the subtask that owns ${first} to ${last}`);
