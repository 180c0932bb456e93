/**
 * When records show up in the log: unevenly, as in life, with bursts and lulls; never out of order
 * within one partition, since a log only grows at its end.
 */
import type { Random } from "../../src/index.ts";

/** `count` times in ms, rising, from 0 to `overMs`. */
export function arrivals(random: Random, count: number, overMs: number): number[] {
  const gaps = Array.from({ length: count }, () => gapWeight(random));
  const total = gaps.reduce((sum, gap) => sum + gap, 1);
  let passed = 0;
  return gaps.map((gap) => {
    passed += gap;
    return Math.floor((passed * overMs) / total);
  });
}

/**
 * One gap in ten is a lull, one in three is nothing at all: the record comes with the one before.
 */
function gapWeight(random: Random): number {
  if (random.chance(100)) return random.integer(50, 200);
  return random.chance(333) ? 0 : random.integer(1, 20);
}
