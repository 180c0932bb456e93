/**
 * The watermark of a reader of several splits, each with a generator of its own.
 *
 * Splits are roughly in order of event time each, but not relative to one another. One generator
 * over them all would call every record of the slower split late. So each has its own, and the
 * reader emits the minimum over those that are not idle.
 *
 * WG2  Every split counts from its assignment or restore on, with minus infinity (C81).
 * WG3  What is emitted never goes back, and is not repeated (C76).
 * WG6  When the last split goes idle, the highest watermark of all is released, then idleness is
 *      announced (C78): nothing is left that could hold it back. So it does not matter in which
 *      order splits fell silent.
 *
 * A split that comes back behind what was emitted holds the output back until it has caught up.
 *
 * Source: Flink, WatermarkOutputMultiplexer. We differ in WG6, where Flink leaves the watermark at the
 * last minimum; and a reader without splits is idle, whatever the strategy.
 * Not here: one split (`watermark-generator.ts`), whether the reader is blocked (its own affair).
 */
import { assert } from "../core/assert.ts";
import { WATERMARK_MIN } from "../core/element.ts";
import { SplitWatermark } from "./watermark-generator.ts";
import type { WatermarkSpec } from "./watermark-strategy.ts";
import type { ValveChange } from "./watermark-valve.ts";

/** Generators of users are asked so often while no records come: Flink's default interval. */
const PERIOD_MS = 200;

export class SplitWatermarks<T> {
  readonly #spec: WatermarkSpec<T>;
  readonly #idleAfterMs: number;
  readonly #splits = new Map<string, SplitWatermark<T>>();
  #output = WATERMARK_MIN;
  #idle = false;
  /** When `advance` was last called. */
  #nowMs: number | undefined;

  /** @param spec checked by `checkWatermarks` */
  constructor(spec: WatermarkSpec<T>) {
    this.#spec = spec;
    this.#idleAfterMs = spec.idleAfterMs ?? Infinity;
  }

  /** A split was assigned or restored; it counts at once, with minus infinity (WG2). */
  add(splitId: string): SplitWatermark<T> {
    assert(!this.#splits.has(splitId), () => `split "${splitId}" has a watermark already`);
    const split = new SplitWatermark<T>(this.#spec);
    this.#splits.set(splitId, split);
    return split;
  }

  /** The split was read to its end, or taken away: it holds nothing back any more. */
  remove(splitId: string): void {
    const removed = this.#splits.delete(splitId);
    assert(removed, () => `split "${splitId}" has no watermark to remove`);
  }

  /**
   * What to emit now, or undefined: a watermark goes behind "active", but in front of "idle". Called
   * after every run of records and when `nextDueMs` has come, not per record: it looks at every
   * split.
   *
   * @param nowMs   processing time; where it went back, no time has passed
   * @param blocked the reader could not emit for some of the time since the last call (C82)
   */
  advance(nowMs: number, blocked: boolean): ValveChange | undefined {
    const elapsedMs = blocked ? 0 : Math.max(0, nowMs - (this.#nowMs ?? nowMs));
    this.#nowMs = nowMs;
    let lowest = Infinity;
    let highest = WATERMARK_MIN;
    let active = false;
    for (const split of this.#splits.values()) {
      split.tick(elapsedMs, this.#idleAfterMs);
      const { watermarkMs } = split;
      if (watermarkMs > highest) highest = watermarkMs;
      if (split.idle) continue;
      active = true;
      if (watermarkMs < lowest) lowest = watermarkMs;
    }
    return this.#change(active ? lowest : highest, !active);
  }

  #change(promised: number, idle: boolean): ValveChange | undefined {
    const turned = idle !== this.#idle;
    const watermarkMs = promised > this.#output ? promised : undefined;
    if (watermarkMs === undefined && !turned) return undefined;
    this.#idle = idle;
    if (watermarkMs !== undefined) this.#output = watermarkMs;
    return { watermarkMs, becomes: turned ? (idle ? "idle" : "active") : undefined };
  }

  /**
   * When to call `advance` again at the latest, should no record come: a split will be idle then, or a
   * generator of the user's wants to be asked. Undefined: only records can change anything.
   */
  get nextDueMs(): number | undefined {
    if (this.#nowMs === undefined) return undefined;
    const periodic = this.#spec.generation.kind === "custom" && !this.#idle;
    let inMs = periodic ? PERIOD_MS : Infinity;
    for (const split of this.#splits.values()) {
      inMs = Math.min(inMs, split.idleInMs(this.#idleAfterMs));
    }
    return inMs === Infinity ? undefined : this.#nowMs + inMs;
  }

  /** The last watermark that `advance` gave; minus infinity before the first. */
  get output(): number {
    return this.#output;
  }

  /** True from when `advance` said "idle" until it says "active". */
  get idle(): boolean {
    return this.#idle;
  }
}
