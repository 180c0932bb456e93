/**
 * The head of a source chain: reads the splits of a log that it is given, and cuts barriers between
 * records.
 *
 *   restored splits, and those assigned --record by record, in turn--> the chain
 *                                       --positions--> snapshot
 *
 * SO1  A split comes once: with the restored state, or assigned. From then on it is in every snapshot
 *      (C104).
 * SO2  A subtask without splits waits to be told that there will be none. "Restored and empty" is not
 *      "fresh": it reads nothing that it was not given (C50).
 * SO3  The watermark is the minimum over the splits, each from minus infinity (C81). Until the first
 *      word from the enumerator it is held back, since a split that joins late would find its records
 *      late. Then a subtask without splits is idle, and holds nobody back.
 * SO4  The final watermark follows the last record of the last split, once (C84).
 * SO5  The input ends when there are no more splits and all that was fetched is emitted (C109).
 * SO6  The outside hears of positions only when their checkpoint has completed (C108).
 * SO7  In an alignment group a split whose watermark is above the limit is not read, to the record: the
 *      one that lifts it above is its last (C83). Before the first limit that is the first one. What
 *      it waits is no silence (C82), and a barrier passes all the same.
 *
 * Source: FLIP-27; in Flink, SourceOperator and SourceReaderBase. Not here: who gives splits
 * (`split-enumerator.ts`), one partition (`log-split.ts`), bytes (`source-state.ts`), the limit
 * (`../time/watermark-alignment.ts`).
 */
import { assert, present } from "../core/assert.ts";
import { WATERMARK_MAX, WATERMARK_MIN } from "../core/element.ts";
import type { CheckpointId } from "../core/ids.ts";
import type { TimerHandle } from "../host/host.ts";
import type { LogPosition } from "../host/services.ts";
import type {
  OperatorContext,
  Output,
  PendingOperatorSnapshot,
  SourceOperator,
  SplitAssignment,
} from "../operators/operator.ts";
import { rethrow } from "../operators/user-function-error.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import { SplitWatermarks } from "../time/split-watermarks.ts";
import type { SplitWatermark } from "../time/watermark-generator.ts";
import type { WatermarkSpec } from "../time/watermark-strategy.ts";
import type { TypeSerializer } from "../types/type.ts";
import { LogSplit } from "./log-split.ts";
import { restoredSplits, splitsState, type SplitState } from "./source-state.ts";
import { Throttle } from "./throttle.ts";

export type LogSourceConfig<T> = Readonly<{
  topic: string;
  type: TypeSerializer<T>;
  watermarks: WatermarkSpec<T>;
  /** Undefined: as fast as it goes. */
  recordsPerSecondMax: number | undefined;
}>;

/** How often a user's generator is asked while no records come. */
const PERIOD_US = 200_000;

/** A split that has not ended yet. */
type Reading<T> = {
  readonly split: LogSplit;
  readonly watermark: SplitWatermark<T>;
  /** Its watermark, above the limit; undefined while it is read. */
  pausedAtMs: number | undefined;
};

export class LogSource<T> implements SourceOperator<T> {
  readonly #config: LogSourceConfig<T>;
  readonly #watermarks: SplitWatermarks<T>;
  readonly #splits = new Map<number, LogSplit>();
  readonly #reading: Reading<T>[] = [];
  #turn = 0;
  /** The enumerator has given what it had found. */
  #greeted = false;
  #noMore = false;
  #ended = false;
  /** As last told to the chain. */
  #idle = false;
  #wasBlocked = false;
  /** The highest watermark with which a split is read on; infinite outside of any group. */
  #limitMs: number;
  #throttle: Throttle | undefined;
  /** For what no fetch will wake it: room under the throttle, a split that goes idle. */
  #timer: TimerHandle | undefined;
  /** Positions at the newest barrier. */
  #cut: Readonly<{ checkpointId: CheckpointId; positions: readonly LogPosition[] }> | undefined;
  #context: OperatorContext | undefined;
  #output: Output<T> | undefined;

  constructor(config: LogSourceConfig<T>) {
    this.#config = config;
    this.#watermarks = new SplitWatermarks(config.watermarks);
    this.#limitMs = config.watermarks.alignment === undefined ? Infinity : WATERMARK_MIN;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Until the enumerator has given what it had found, something slower may be among it. */
  get levelMs(): number | undefined {
    if (this.#config.watermarks.alignment === undefined) return undefined;
    if (!this.#greeted) return WATERMARK_MIN;
    return this.#ended || this.#idle ? WATERMARK_MAX : this.#watermarks.output;
  }

  open(context: OperatorContext, state: readonly OperatorSnapshot[], output: Output<T>): void {
    this.#context = context;
    this.#output = output;
    const { recordsPerSecondMax } = this.#config;
    if (recordsPerSecondMax !== undefined) {
      this.#throttle = new Throttle(recordsPerSecondMax, context.host.nowUs());
    }
    for (const split of restoredSplits(state)) this.#addSplit(split);
  }

  assign({ splits, noMore }: SplitAssignment): void {
    assert(!this.#noMore, () => `SO5 source "${this.#opened().uid}" gets splits after the last`);
    for (const { partition, offset } of splits) {
      this.#addSplit({ partition, offset, index: 0, ended: false });
    }
    this.#greeted = true;
    this.#noMore = noMore;
    this.#opened().wakeUp();
  }

  align(limitMs: number): void {
    if (limitMs <= this.#limitMs) return;
    this.#limitMs = limitMs;
    this.#opened().wakeUp();
  }

  poll(recordsMax: number): number {
    if (this.#ended) return 0;
    const { host } = this.#opened();
    const nowUs = host.nowUs();
    const allowed = this.#throttle?.available(nowUs) ?? recordsMax;
    const count = this.#emitUpTo(Math.min(recordsMax, allowed));
    this.#throttle?.use(count);
    const nowMs = Math.floor(nowUs / 1_000);
    if (this.#greeted) this.#advanceTime(nowMs);
    this.#settlePauses();
    this.#wasBlocked = false;
    this.#wakeAfterUs(this.#nextUs(nowMs, nowUs));
    return count;
  }

  blocked(): void {
    this.#wasBlocked = true;
  }

  prepareBarrier(checkpointId: CheckpointId): void {
    const positions = this.#states().map(({ partition, offset }) => ({ partition, offset }));
    this.#cut = { checkpointId, positions };
  }

  /** Bytes at once, so that a later position cannot show in them. */
  snapshot(): PendingOperatorSnapshot {
    return { keyed: undefined, timers: [], operatorState: [splitsState(this.#states())] };
  }

  /** A barrier that has come since makes an older cut worthless: the next one says more. */
  checkpointCompleted(checkpointId: CheckpointId): void {
    if (this.#cut?.checkpointId !== checkpointId) return;
    const { host, jobName, uid } = this.#opened();
    const { positions } = this.#cut;
    this.#cut = undefined;
    if (positions.length === 0) return;
    host.log.acknowledge(this.#config.topic, `${jobName}/${uid}`, positions);
  }

  close(): void {
    for (const split of this.#splits.values()) split.close();
    this.#wakeAfterUs(undefined);
  }

  #states(): SplitState[] {
    return [...this.#splits.values()].map(({ state }) => state);
  }

  /** Round robin, a record a turn, so that no split runs ahead of the others in event time. */
  #emitUpTo(recordsMax: number): number {
    const reading = this.#reading;
    const output = present(this.#output, () => "a poll before open");
    const { type } = this.#config;
    const limitMs = this.#limitMs;
    let count = 0;
    let idleTurns = 0;
    while (count < recordsMax && idleTurns < reading.length) {
      if (this.#turn >= reading.length) this.#turn = 0;
      const { split, watermark } = reading[this.#turn]!;
      if (split.ready && watermark.watermarkMs <= limitMs) {
        const value = split.take(type);
        try {
          output.emit(value, watermark.onRecord(value, split.timestampMs));
        } catch (error) {
          rethrow(error, this.#opened().uid, "on record", value);
        }
        count++;
        idleTurns = 0;
        this.#turn++;
      } else if (split.ended) {
        reading.splice(this.#turn, 1);
        this.#watermarks.remove(String(split.partition));
        idleTurns = 0;
      } else {
        idleTurns++;
        this.#turn++;
      }
    }
    return count;
  }

  /** Downstream hears of activity before the watermark, and of idleness after it (C78). */
  #advanceTime(nowMs: number): void {
    const output = present(this.#output, () => "a watermark before open");
    const reading = this.#reading.some(({ split }) => !split.ended);
    if (!reading && this.#noMore) {
      this.#ended = true;
      this.#tellStatus(false, output);
      output.emitWatermark(WATERMARK_MAX);
      return;
    }
    if (this.#reading.length === 0) {
      this.#tellStatus(true, output);
      return;
    }
    const change = this.#watermarks.advance(nowMs, this.#wasBlocked);
    const { idle } = this.#watermarks;
    if (!idle) this.#tellStatus(false, output);
    if (change?.watermarkMs !== undefined) output.emitWatermark(change.watermarkMs);
    if (idle) this.#tellStatus(true, output);
  }

  #tellStatus(idle: boolean, output: Output<T>): void {
    if (this.#idle === idle) return;
    this.#idle = idle;
    output.emitStatus(idle);
    if (this.#config.watermarks.alignment !== undefined) this.#opened().report();
  }

  /** Behind the count of silent time, so that none of what a split has waited counts (C82). */
  #settlePauses(): void {
    const limitMs = this.#limitMs;
    for (const reading of this.#reading) {
      const { split, watermark } = reading;
      const { watermarkMs } = watermark;
      const paused = watermarkMs > limitMs;
      const pausedAtMs = paused ? watermarkMs : undefined;
      if (pausedAtMs === reading.pausedAtMs) continue;
      reading.pausedAtMs = pausedAtMs;
      watermark.setPaused(paused);
      const { host, subtask, report } = this.#opened();
      const { topic } = this.#config;
      const kind = paused ? "split-paused" : "split-resumed";
      const { partition } = split;
      host.note({ kind, topic, partition, subtask, watermarkMs, limitMs });
      // The slowest of the group may be this one: the others, and it, go on once that is known.
      if (paused) report();
    }
  }

  /** How long until something is due that no fetch will announce. */
  #nextUs(nowMs: number, nowUs: number): number | undefined {
    if (this.#ended) return undefined;
    const { nextDueMs } = this.#watermarks;
    const idleUs =
      nextDueMs === undefined || this.#reading.length === 0
        ? Infinity
        : Math.max(1, nextDueMs - nowMs) * 1_000;
    const periodUs = this.#config.watermarks.generation.kind === "custom" ? PERIOD_US : Infinity;
    const held = this.#throttle !== undefined && this.#reading.some(({ split }) => split.ready);
    const throttleUs = held ? this.#roomInUs(nowUs) : Infinity;
    const nextUs = Math.min(idleUs, periodUs, throttleUs);
    return nextUs === Infinity ? undefined : nextUs;
  }

  #roomInUs(nowUs: number): number {
    const throttle = present(this.#throttle, () => "room without a throttle");
    return throttle.available(nowUs) > 0 ? Infinity : throttle.nextUs;
  }

  #wakeAfterUs(delayUs: number | undefined): void {
    const context = this.#context;
    if (this.#timer !== undefined) context?.host.cancelTimer(this.#timer);
    this.#timer = undefined;
    if (delayUs === undefined) return;
    this.#timer = context?.host.setTimer(delayUs, () => {
      this.#timer = undefined;
      context.wakeUp();
    });
  }

  #addSplit(from: SplitState): void {
    const { host, uid, fail, wakeUp } = this.#opened();
    const { partition } = from;
    assert(
      !this.#splits.has(partition),
      () => `SO1 source "${uid}" has partition ${partition} twice`,
    );
    const split = new LogSplit(
      {
        host,
        topic: this.#config.topic,
        partition,
        onFetched: wakeUp,
        onFailed: (why, lost) => {
          if (lost) fail(`source "${uid}": ${why}`, uid);
          else fail(`source "${uid}": ${why}`);
        },
      },
      from,
    );
    this.#splits.set(partition, split);
    if (from.ended) return;
    const watermark = this.#watermarks.add(String(partition));
    this.#reading.push({ split, watermark, pausedAtMs: undefined });
    split.fetch();
  }

  #opened(): OperatorContext {
    return present(this.#context, () => `source of "${this.#config.topic}" is not open`);
  }
}
