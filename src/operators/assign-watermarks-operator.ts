/**
 * Timestamps and watermarks of its own making, in the middle of a job: for streams whose event time
 * only becomes known on the way, or that mix sources with other ideas of it.
 *
 * What upstream said about time is true of other timestamps than those that leave here. So its
 * watermarks and statuses end here, but for the final watermark: after it no record comes, whatever
 * its timestamp.
 *
 * AW1  No watermark passes but the final one, once; what leaves here rises, and is of own making.
 * AW2  It turns idle by processing time, when no record has come for `idleAfterMs`, and is active
 *      again before the final watermark: an idle channel's watermarks do not count downstream.
 *
 * Watermarks follow a run of records, not each record: a step of the subtask ends with the call of
 * `advanceProcessingTime`. Nothing is kept in snapshots: event time begins anew after a restore (C85).
 *
 * Source: Flink, TimestampsAndWatermarksOperator. We differ: no interval of its own, see above.
 */
import { WATERMARK_MAX } from "../core/element.ts";
import { asOperatorUid, type OperatorUid } from "../core/ids.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import { SplitWatermarks } from "../time/split-watermarks.ts";
import type { SplitWatermark } from "../time/watermark-generator.ts";
import type { WatermarkSpec } from "../time/watermark-strategy.ts";
import { BaseOperator } from "./base-operator.ts";
import type { OperatorContext, Output } from "./operator.ts";
import { refuseState } from "./stateless-operator.ts";
import { rethrow } from "./user-function-error.ts";

export class AssignWatermarksOperator<T> extends BaseOperator<T, T> {
  readonly #watermarks: SplitWatermarks<T>;
  /** Its input counts as one split. */
  readonly #split: SplitWatermark<T>;
  #uid: OperatorUid = asOperatorUid("unopened");
  #ended = false;

  constructor(spec: WatermarkSpec<T>, output: Output<T>) {
    super(output);
    this.#watermarks = new SplitWatermarks(spec);
    this.#split = this.#watermarks.add("input");
  }

  override open({ uid }: OperatorContext, state: readonly OperatorSnapshot[]): void {
    this.#uid = uid;
    for (const snapshot of state) refuseState(snapshot, uid);
  }

  override processElement(value: T, timestampMs: number): void {
    let assignedMs: number;
    try {
      assignedMs = this.#split.onRecord(value, timestampMs);
    } catch (error) {
      rethrow(error, this.#uid, "telling the event time of", value);
    }
    this.output.emit(value, assignedMs);
  }

  override processWatermark(watermarkMs: number): void {
    if (watermarkMs !== WATERMARK_MAX || this.#ended) return;
    this.#ended = true;
    if (this.#watermarks.idle) this.output.emitStatus(false);
    this.output.emitWatermark(WATERMARK_MAX);
  }

  override processStatus(_idle: boolean): void {}

  override advanceProcessingTime(nowMs: number, blocked = false): number | undefined {
    if (this.#ended) return undefined;
    const change = this.#advance(nowMs, blocked);
    if (change?.becomes === "active") this.output.emitStatus(false);
    if (change?.watermarkMs !== undefined) this.output.emitWatermark(change.watermarkMs);
    if (change?.becomes === "idle") this.output.emitStatus(true);
    return this.#watermarks.nextDueMs;
  }

  #advance(nowMs: number, blocked: boolean) {
    try {
      return this.#watermarks.advance(nowMs, blocked);
    } catch (error) {
      return rethrow(error, this.#uid, "making a watermark after", this.#watermarks.output);
    }
  }
}
