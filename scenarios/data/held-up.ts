/** How a partition gets out of order: each record is held up by so much, and no more. */
import type { Random } from "../../src/index.ts";

export type Timed = Readonly<{ value: unknown; timestampMs: number }>;

/**
 * In order of when each is let go: at its event time, or up to `delayMsMax` later. Delays are multiples
 * of `stepMs`, so that many a record comes at the very last moment that it is in time.
 */
export function heldUp(
  random: Random,
  rows: readonly Timed[],
  delayMsMax: number,
  stepMs: number,
): Timed[] {
  const held = rows.map((row, i) => ({
    row,
    untilMs: row.timestampMs + random.integer(0, Math.floor(delayMsMax / stepMs)) * stepMs,
    i,
  }));
  held.sort((a, b) => a.untilMs - b.untilMs || a.i - b.i);
  return held.map(({ row }) => row);
}
