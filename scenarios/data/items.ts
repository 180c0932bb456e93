/** Visitors of a shop, and what they put into their baskets: each visitor in one partition, in order. */
import type { Random } from "../../src/index.ts";
import type { Input, InputRecord } from "../../sim/history.ts";
import { ITEMS_OUT_OF_ORDER_MS_MAX, ITEMS_TOPIC } from "../jobs/log-of-changes.ts";
import { arrivals } from "./arrivals.ts";

const ITEMS = ["book", "tea", "lamp", "apples", "rope", "umbrella", "ink", "candles"];

export function drawItems(random: Random, overMs: number): Input {
  const partitions = Array.from({ length: random.integer(1, 3) }, (_, p): InputRecord[] => {
    const draws = random.fork(`partition-${p}`);
    const visitors = Array.from({ length: draws.integer(3, 12) }, (_unused, i) => `v-${p}-${i}`);
    const times = arrivals(draws.fork("arrivals"), draws.integer(120, 300), overMs);
    return times.map((atMs) => {
      const ms = Math.max(0, atMs - draws.integer(0, ITEMS_OUT_OF_ORDER_MS_MAX - 1));
      const value = { visitor: draws.pick(visitors), item: draws.pick(ITEMS), ms };
      return { value, timestampMs: ms, availableAtMs: atMs };
    });
  });
  return new Map([[ITEMS_TOPIC, partitions]]);
}
