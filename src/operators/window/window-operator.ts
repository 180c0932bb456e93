/**
 * Gathers the records of a key in windows, and puts out what comes of each when its trigger fires.
 *
 * What comes out carries the largest timestamp in its window; of the global window, which has no end,
 * none. Windows of processing time that are open when the input ends are dropped, as their timers are.
 *
 * OW1  A record is in a window or in the late output, never in both (C89).
 * OW2  A late record stops nothing: those that come with it and behind it are taken as ever.
 * OW3  All that is kept is keyed state and timers: it moves with its key group, and a restored
 *      subtask goes on like one that never failed.
 *
 * Source: Flink, WindowOperator. Not here: what happens to a record in its windows
 * (`keyed-windows.ts`), state, timers and when they fire (`../keyed-core.ts`).
 */
import { InvariantError } from "../../core/assert.ts";
import type { OperatorSnapshot } from "../../state/operator-snapshot.ts";
import type { SnapshotRequest } from "../../state/state-backend.ts";
import type { FiredTimer } from "../../time/timer-service.ts";
import type { TypeSerializer } from "../../types/type.ts";
import { BaseOperator } from "../base-operator.ts";
import type { KeySelector } from "../functions.ts";
import { KeyedCore, type StateGate } from "../keyed-core.ts";
import type { OperatorContext, Output, PendingOperatorSnapshot } from "../operator.ts";
import { OutputCollector } from "../output-collector.ts";
import { rethrow } from "../user-function-error.ts";
import { KeyedWindows } from "./keyed-windows.ts";
import type { WindowSpec, WindowTime } from "./window-spec.ts";
import { windowOfKeyType, type WindowOfKey } from "./window-type.ts";

export type WindowConfig<K, T, O> = Readonly<{
  key: KeySelector<T, K>;
  keyType: TypeSerializer<K>;
  spec: WindowSpec<K, T, O>;
}>;

export class WindowOperator<K, T, O> extends BaseOperator<T, O> {
  readonly #config: WindowConfig<K, T, O>;
  readonly #core: KeyedCore<K, WindowOfKey<K>>;
  readonly #fireEventTime = (timer: FiredTimer<WindowOfKey<K>>): void => this.#fire(timer, "event");
  readonly #fireProcessingTime = (timer: FiredTimer<WindowOfKey<K>>): void =>
    this.#fire(timer, "processing");
  #windows: KeyedWindows<K, T, O> | undefined;
  #lateNoted = false;

  constructor(config: WindowConfig<K, T, O>, output: Output<O>) {
    super(output);
    this.#config = config;
    this.#core = new KeyedCore({
      keyType: config.keyType,
      timerType: windowOfKeyType(config.keyType),
      keyOfTimer: ({ key }) => key,
    });
  }

  get gate(): StateGate<K> {
    return this.#core;
  }

  override open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    this.#core.open(context, state);
    try {
      const collector = new OutputCollector(this.output);
      this.#windows = new KeyedWindows(this.#core, this.#config.spec, collector);
    } catch (error) {
      rethrow(error, context.uid, "opening subtask", context.subtask);
    }
    this.#core.armed();
  }

  override processElement(value: T, timestampMs: number): void {
    const windows = this.#ready();
    const { key: selectKey, spec } = this.#config;
    try {
      this.#core.enter(selectKey(value));
      if (windows.take(value, timestampMs) || !windows.isLate(timestampMs)) return;
      this.#noteLate();
      if (spec.lateOutput !== undefined) this.output.emitSide(spec.lateOutput, value, timestampMs);
    } catch (error) {
      rethrow(error, this.#core.context.uid, "on record", value);
    }
  }

  override processWatermark(watermarkMs: number): void {
    const isPast = this.#core.advanceWatermark(watermarkMs, this.#fireEventTime);
    if (isPast) this.output.emitWatermark(watermarkMs);
  }

  override advanceProcessingTime(nowMs: number): number | undefined {
    return this.#core.advanceProcessingTime(nowMs, this.#fireProcessingTime);
  }

  protected override takeSnapshot(request?: SnapshotRequest): PendingOperatorSnapshot {
    return this.#core.snapshot(request);
  }

  override close(): void {
    this.#core.close();
  }

  #noteLate(): void {
    if (this.#lateNoted) return;
    this.#lateNoted = true;
    this.#core.context.host.note({ kind: "landmark", what: "record-too-late" });
  }

  #ready(): KeyedWindows<K, T, O> {
    const windows = this.#windows;
    if (windows === undefined) {
      throw new InvariantError("a window operator is used before it is open");
    }
    return windows;
  }

  #fire({ key: owner, timestampMs }: FiredTimer<WindowOfKey<K>>, time: WindowTime): void {
    const windows = this.#ready();
    try {
      windows.onTimer(owner.window, timestampMs, time);
    } catch (error) {
      rethrow(error, this.#core.context.uid, `on the timer at ${timestampMs} of key`, owner.key);
    }
  }
}
