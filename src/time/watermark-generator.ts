/**
 * Where watermarks come from: the records of one split, or of one stream, and their timestamps.
 *
 * WG1  A bounded generator's watermark is the highest timestamp seen, less the tolerated disorder,
 *      less 1 ms: a record at exactly the tolerated delay is still in time.
 * WG4  The watermark of a split never goes back: what a user's generator emits below is ignored.
 * WG5  A split goes idle when no record has come for `idleAfterMs` of the time it could have been
 *      read: time that passed while it was paused, or its reader blocked, does not count (C82).
 *
 * Source: Flink, BoundedOutOfOrdernessWatermarks and WatermarksWithIdleness. We differ: time is told,
 * and counts in full from the first time told after the last record.
 * Not here: the minimum over splits (`split-watermarks.ts`), and over channels (`watermark-valve.ts`).
 */
import { WATERMARK_MIN } from "../core/element.ts";
import type { WatermarkGenerator, WatermarkOutput, WatermarkSpec } from "./watermark-strategy.ts";

/** Of one split; not shared, and not kept: after a restore it begins anew (C85). */
export class SplitWatermark<T> implements WatermarkOutput {
  readonly #timestampOf: ((value: T, timestampMs: number) => number) | undefined;
  readonly #generator: WatermarkGenerator<T> | undefined;
  /** What to take off the highest timestamp; infinite where that makes no watermark. */
  readonly #lagMs: number;
  #watermarkMs = WATERMARK_MIN;
  #idle = false;
  #paused = false;
  /** No record since `tick` was last called. */
  #quiet = false;
  #quietMs = 0;

  constructor({ generation, timestampOf }: WatermarkSpec<T>) {
    this.#timestampOf = timestampOf;
    this.#generator = generation.kind === "custom" ? generation.create() : undefined;
    this.#lagMs =
      generation.kind === "bounded-out-of-orderness" ? generation.outOfOrderMsMax + 1 : Infinity;
  }

  /**
   * A record is about to be emitted; its split is active.
   *
   * @param timestampMs that the record came with
   * @returns the timestamp to emit it with
   * @throws Error when the user's `timestampOf` or generator gives no number of milliseconds
   */
  onRecord(value: T, timestampMs: number): number {
    const timestampOf = this.#timestampOf;
    const atMs =
      timestampOf === undefined ? timestampMs : assigned(timestampOf(value, timestampMs));
    this.#quiet = false;
    this.#idle = false;
    const generator = this.#generator;
    if (generator !== undefined) generator.onRecord(value, atMs, this);
    else if (atMs - this.#lagMs > this.#watermarkMs) this.#watermarkMs = atMs - this.#lagMs;
    return atMs;
  }

  /** For the user's generator. */
  emitWatermark(watermarkMs: number): void {
    if (watermarkMs !== watermarkMs) {
      throw new Error("a watermark generator emitted NaN; emit milliseconds");
    }
    if (watermarkMs > this.#watermarkMs) this.#watermarkMs = watermarkMs; // WG4
  }

  /**
   * Between records: asks the user's generator, and counts time towards idleness.
   *
   * @param elapsedMs since the last call; 0 where that time does not count (WG5)
   */
  tick(elapsedMs: number, idleAfterMs: number): void {
    if (this.#idle) return;
    this.#generator?.onPeriodicEmit(this);
    if (!this.#quiet) {
      this.#quiet = true;
      this.#quietMs = 0;
    } else if (!this.#paused) {
      this.#quietMs += elapsedMs;
    }
    this.#idle = this.#quietMs >= idleAfterMs;
  }

  /** Nothing is read from it while it is paused, so its silence means nothing (C83). */
  setPaused(paused: boolean): void {
    this.#paused = paused;
  }

  /** What has to pass without a record until it is idle; infinite while that cannot happen. */
  idleInMs(idleAfterMs: number): number {
    return this.#idle || this.#paused ? Infinity : idleAfterMs - this.#quietMs;
  }

  /** It holds nothing back until its next record. */
  get idle(): boolean {
    return this.#idle;
  }

  /** "Nothing older to come from this split"; minus infinity before it can tell. */
  get watermarkMs(): number {
    return this.#watermarkMs;
  }
}

function assigned(timestampMs: number): number {
  if (Number.isSafeInteger(timestampMs) || timestampMs === WATERMARK_MIN) return timestampMs;
  throw new Error(
    `timestampOf gave ${String(timestampMs)}; give milliseconds, as an integer, or minus infinity ` +
      "for a record without a time",
  );
}
