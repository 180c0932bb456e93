/**
 * What every keyed operator is composed of: keyed state, timers, and the key in hand.
 *
 *   record    -> `enter` its key -> the operator's own work
 *   watermark -> timers up to it, in order, each under its own key (C71, C72)
 *   clock     -> processing-time timers that are due
 *
 * Timers belong to an `N`: the key itself, or a key with a namespace (a window), so that one key may
 * have several timers of one time.
 *
 * KP1  State and timers follow the key of the record or timer in hand (C72).
 * KP2  Registering a timer never calls back: callbacks run from watermarks and the clock alone (C73).
 * KP3  After `close` nothing fires (C75).
 * KP4  A timer fires when the state of its key is at hand; until then it stays set, and so do all behind it.
 *
 * Not here: the timers themselves (`time/timers.ts`), state (`state/`), what a function sees
 * (`keyed-process-operator.ts`).
 */
import type { NativeKeyedSnapshot } from "../state/keyed-snapshot.ts";
import { assert, InvariantError, present } from "../core/assert.ts";
import { WATERMARK_MIN } from "../core/element.ts";
import { asCheckpointId, type KeyGroup } from "../core/ids.ts";
import { keyGroupOf, rangeHolds } from "../state/key-groups.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import {
  StateIncompatibleError,
  type KeyedStateBackend,
  type SnapshotRequest,
} from "../state/state-backend.ts";
import { canonicalGroups } from "../state/state-manager.ts";
import type { FiredTimer } from "../time/timer-service.ts";
import { KeyedTimers } from "../time/timers.ts";
import { createKeyCodec, type KeyCodec } from "../types/keys.ts";
import type { TypeSerializer } from "../types/type.ts";
import type { OperatorContext, PendingOperatorSnapshot } from "./operator.ts";

export type KeyedCoreConfig<K, N> = Readonly<{
  keyType: TypeSerializer<K>;
  /** Whom timers belong to: the key, or a key with a namespace. */
  timerType: TypeSerializer<N>;
  /** The key that is in hand while a timer of `owner` fires. */
  keyOfTimer: (owner: N) => K;
}>;

/** What whoever holds elements back has to know (`holding-operator.ts`). */
export interface StateGate<K> {
  /** False: the state of the key is being brought; the subtask is woken when it has come. */
  isAtHand(key: K): boolean;
  /** Timers that are due have not fired, as the state of a key is being brought: call again (KP4). */
  readonly waits: boolean;
}

/** Timers that belong to the key itself. */
export const plainTimers = <K>(keyType: TypeSerializer<K>): KeyedCoreConfig<K, K> => ({
  keyType,
  timerType: keyType,
  keyOfTimer: (key) => key,
});

export class KeyedCore<K, N> implements StateGate<K> {
  readonly #config: KeyedCoreConfig<K, N>;
  readonly #codec: KeyCodec<K>;
  #opened: Opened<K, N> | undefined;
  #closed = false;
  #keyGroup: KeyGroup | undefined;
  /** What the subtask was last told; a timer before it has to wake the subtask. */
  #toldDueMs = Number.POSITIVE_INFINITY;
  /** Restored, and no record has come, and no timer fired. */
  #untouched = false;
  watermarkMs = WATERMARK_MIN;
  waits = false;

  constructor(config: KeyedCoreConfig<K, N>) {
    this.#config = config;
    this.#codec = createKeyCodec(config.keyType);
  }

  /** Creates state and timers, and takes in what the checkpoint holds of them. */
  open(context: OperatorContext, snapshots: readonly OperatorSnapshot[]): void {
    const { keyType, timerType } = this.#config;
    const { keyGroups: range, maxParallelism, backend, uid, host, storage } = context;
    const timers = new KeyedTimers<N>({ keyType: timerType, range });
    const nowMs = (): number => host.wallMs();
    const keyed = backend.create<K>({
      ...{ keyType, range, maxParallelism, nowMs },
      ...(storage && { storage }),
    });
    for (const snapshot of snapshots) {
      if (snapshot.operatorState.length > 0) throw listStateFound(uid);
      for (const group of snapshot.keyed) keyed.restore(group);
      if (snapshot.native !== undefined) this.#restoreNative(keyed, snapshot.native, context);
      for (const group of snapshot.timers) timers.restore(group);
    }
    this.#opened = { context, timers, keyed };
    this.#untouched = context.restored;
  }

  /** After the operator is ready for callbacks: what is overdue fires soon, input or not (C74). */
  armed(): void {
    this.#wakeForTimer();
  }

  get context(): OperatorContext {
    return this.#ready().context;
  }

  get keyed(): KeyedStateBackend<K> {
    return this.#ready().keyed;
  }

  get key(): K {
    return this.#ready().keyed.currentKey();
  }

  /** Makes `key` the one that state and timers belong to. */
  enter(key: K): void {
    const { context } = this.#ready();
    this.#untouched = false;
    this.#enterGroup(key, keyGroupOf(this.#codec.hash(key), context.maxParallelism));
  }

  isAtHand(key: K): boolean {
    const { context, keyed } = this.#ready();
    if (keyed.ready === undefined) return true;
    return keyed.ready(key, keyGroupOf(this.#codec.hash(key), context.maxParallelism));
  }

  registerEventTime(owner: N, timestampMs: number): void {
    this.#ready().timers.registerEventTime(owner, this.#group(), timestampMs);
  }

  deleteEventTime(owner: N, timestampMs: number): void {
    this.#ready().timers.deleteEventTime(owner, timestampMs);
  }

  registerProcessingTime(owner: N, timestampMs: number): void {
    this.#ready().timers.registerProcessingTime(owner, this.#group(), timestampMs);
    this.#wakeForTimer();
  }

  deleteProcessingTime(owner: N, timestampMs: number): void {
    this.#ready().timers.deleteProcessingTime(owner, timestampMs);
  }

  /**
   * Fires every event-time timer up to the watermark; true: the caller passes it on (C71). False: closed
   * meanwhile, or it `waits`, and is to be called again with the same watermark.
   */
  advanceWatermark(watermarkMs: number, fire: (timer: FiredTimer<N>) => void): boolean {
    const { keyed, timers } = this.#ready();
    assert(
      watermarkMs >= this.watermarkMs,
      () => `watermark ${watermarkMs} after ${this.watermarkMs}`,
    );
    this.watermarkMs = watermarkMs;
    while (!this.#closed) {
      if (keyed.ready && this.#hasToWait(timers.peekEventTimeDue(watermarkMs))) return false;
      const timer = timers.popEventTimeDue(watermarkMs);
      if (timer === undefined) return true;
      if (this.#untouched) this.#touch();
      this.#enterGroup(this.#config.keyOfTimer(timer.key), timer.keyGroup);
      fire(timer);
    }
    return false;
  }

  /**
   * Fires every processing-time timer that is due; the next due time, or undefined. Undefined as well when
   * it `waits`: the subtask is woken.
   */
  advanceProcessingTime(nowMs: number, fire: (timer: FiredTimer<N>) => void): number | undefined {
    if (this.#closed) return undefined;
    const { keyed, timers } = this.#ready();
    // Timers registered by these callbacks are in the answer: nobody has to be woken for them.
    this.#toldDueMs = Number.NEGATIVE_INFINITY;
    while (!this.#closed) {
      if (keyed.ready && this.#hasToWait(timers.peekProcessingTimeDue(nowMs))) return undefined;
      const timer = timers.popProcessingTimeDue(nowMs);
      if (timer === undefined) break;
      if (this.#untouched) this.#touch();
      this.#enterGroup(this.#config.keyOfTimer(timer.key), timer.keyGroup);
      fire(timer);
    }
    const nextMs = timers.nextProcessingTime();
    this.#toldDueMs = nextMs ?? Number.POSITIVE_INFINITY;
    return nextMs;
  }

  snapshot(request?: SnapshotRequest): PendingOperatorSnapshot {
    const { keyed, timers } = this.#ready();
    return { keyed: keyed.snapshot(request), timers: timers.snapshot(), operatorState: [] };
  }

  close(): void {
    this.#closed = true;
    this.#opened?.keyed.close?.();
  }

  #restoreNative(
    keyed: KeyedStateBackend<K>,
    native: NativeKeyedSnapshot,
    { backend, restoredFrom, keyGroups }: OperatorContext,
  ): void {
    if (backend.readsFormats?.includes(native.format) === true) {
      keyed.restoreNative?.(native, restoredFrom ?? asCheckpointId(0));
      return;
    }
    for (const group of canonicalGroups(native)) {
      if (rangeHolds(keyGroups, group.keyGroup)) keyed.restore(group);
    }
  }

  #touch(): void {
    this.#untouched = false;
    this.context.host.note({ kind: "landmark", what: "restored-timer-fired" });
  }

  #enterGroup(key: K, keyGroup: KeyGroup): void {
    const { context, keyed } = this.#ready();
    const { first, last } = context.keyGroups;
    if (keyGroup < first || keyGroup > last) throw misrouted(keyGroup, first, last);
    keyed.setCurrentKey(key, keyGroup);
    this.#keyGroup = keyGroup;
  }

  /** KP4 */
  #hasToWait(timer: FiredTimer<N> | undefined): boolean {
    const { keyed } = this.#ready();
    this.waits =
      timer !== undefined &&
      keyed.ready?.(this.#config.keyOfTimer(timer.key), timer.keyGroup) === false;
    return this.waits;
  }

  #group(): KeyGroup {
    const keyGroup = this.#keyGroup;
    if (keyGroup === undefined) throw new InvariantError("KP1 a timer without a current key");
    return keyGroup;
  }

  #wakeForTimer(): void {
    const { context, timers } = this.#ready();
    const nextMs = timers.nextProcessingTime();
    if (nextMs === undefined || nextMs >= this.#toldDueMs) return;
    this.#toldDueMs = nextMs;
    context.wakeUp();
  }

  #ready(): Opened<K, N> {
    return present(this.#opened, () => "a keyed operator is used before it is open");
  }
}

type Opened<K, N> = Readonly<{
  context: OperatorContext;
  timers: KeyedTimers<N>;
  keyed: KeyedStateBackend<K>;
}>;

const listStateFound = (uid: string): StateIncompatibleError =>
  new StateIncompatibleError(
    `operator "${uid}" keeps keyed state, yet the checkpoint holds list state under its uid; ` +
      "give the operator that wrote it this uid, or start without the checkpoint",
  );

const misrouted = (keyGroup: number, first: number, last: number): InvariantError =>
  new InvariantError(`C54 key group ${keyGroup} at the subtask that owns ${first} to ${last}`);
