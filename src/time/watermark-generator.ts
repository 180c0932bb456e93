/**
 * Where watermarks come from: timestamps of records, split by split.
 *
 * A source reads several splits at once, each roughly in order of event time, but not relative to
 * one another. One generator over them all would call every record of the slower split late. So
 * each split has a generator of its own, and the source emits the minimum.
 *
 * WG1  A generator's watermark is the highest timestamp seen, less the tolerated disorder, less 1
 *      ms: a record at exactly the tolerated delay is still in time.
 * WG2  Every split counts from its assignment or restore on, with minus infinity (C81).
 * WG3  What a source emits never goes back, and is not repeated (C76).
 *
 * Source: Flink, BoundedOutOfOrdernessWatermarks and WatermarkOutputMultiplexer.
 * Not here: watermark-valve.ts (several channels), and when a split counts as idle: the source
 * knows its clock and whether it is blocked.
 */
import { assert } from "../core/assert.ts";
import { WATERMARK_MIN } from "../core/element.ts";

/** Of one split. Made by `SplitWatermarks.add`. */
export class SplitWatermark {
  readonly #outOfOrderMsMax: number;
  #timestampMsMax = WATERMARK_MIN;
  #idle = false;

  constructor(outOfOrderMsMax: number) {
    this.#outOfOrderMsMax = outOfOrderMsMax;
  }

  /** A record was emitted; its split is active. Records without a timestamp say nothing. */
  onRecord(timestampMs: number): void {
    if (timestampMs > this.#timestampMsMax) this.#timestampMsMax = timestampMs;
    this.#idle = false;
  }

  /** The split holds nothing back until its next record. */
  markIdle(): void {
    this.#idle = true;
  }

  get idle(): boolean {
    return this.#idle;
  }

  get watermarkMs(): number {
    return this.#timestampMsMax - this.#outOfOrderMsMax - 1;
  }
}

/** The watermark of one source subtask: the minimum over its splits. */
export class SplitWatermarks {
  readonly #outOfOrderMsMax: number;
  readonly #splits = new Map<string, SplitWatermark>();
  #output = WATERMARK_MIN;

  /**
   * @param outOfOrderMsMax a record is late when it is older than the newest by more than this: >=
   *                        0
   */
  constructor(outOfOrderMsMax: number) {
    assert(
      Number.isSafeInteger(outOfOrderMsMax) && outOfOrderMsMax >= 0,
      () => `tolerated disorder of ${outOfOrderMsMax} ms; it must be an integer of 0 or more`,
    );
    this.#outOfOrderMsMax = outOfOrderMsMax;
  }

  /** A split was assigned or restored; it counts at once, with minus infinity (WG2). */
  add(splitId: string): SplitWatermark {
    assert(!this.#splits.has(splitId), () => `split "${splitId}" has a watermark already`);
    const split = new SplitWatermark(this.#outOfOrderMsMax);
    this.#splits.set(splitId, split);
    return split;
  }

  /** The split was read to its end, or taken away: it holds nothing back any more. */
  remove(splitId: string): void {
    const removed = this.#splits.delete(splitId);
    assert(removed, () => `split "${splitId}" has no watermark to remove`);
  }

  /**
   * The watermark to emit now, or undefined when it has not risen. Called every so often, not per
   * record: it looks at every split.
   */
  advance(): number | undefined {
    let lowest = Number.POSITIVE_INFINITY;
    let active = false;
    for (const split of this.#splits.values()) {
      if (split.idle) continue;
      active = true;
      lowest = Math.min(lowest, split.watermarkMs);
    }
    if (!active || lowest <= this.#output) return undefined;
    this.#output = lowest;
    return lowest;
  }

  /** The last watermark that `advance` gave; minus infinity before the first. */
  get output(): number {
    return this.#output;
  }

  /** True when nothing is read: every split is idle, or there is none. */
  get idle(): boolean {
    for (const split of this.#splits.values()) if (!split.idle) return false;
    return true;
  }
}
