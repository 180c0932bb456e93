/** q4, evaluated: the prices of each category, averaged at the end. */
import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { CategoryPrice } from "../q4.ts";
import { winningBidsOf } from "./winning-bids.ts";

/** What the changelog of the job amounts to. */
export function evaluateQ4(events: NexmarkEvents): readonly CategoryPrice[] {
  const pricesOf = new Map<number, number[]>();
  for (const [{ category }, { price }] of winningBidsOf(events)) {
    pricesOf.set(category, [...(pricesOf.get(category) ?? []), price]);
  }
  return [...pricesOf].map(([category, prices]) => {
    const total = prices.reduce((sum, price) => sum + price, 0);
    return { category, sales: prices.length, total, average: Math.floor(total / prices.length) };
  });
}
