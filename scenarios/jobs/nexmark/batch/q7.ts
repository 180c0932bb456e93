/** q7, evaluated: first the highest price of each ten seconds, then all bids that have it. */
import type { Bid, NexmarkEvents } from "../../../data/nexmark.ts";

export function evaluateQ7({ bids }: NexmarkEvents): readonly Bid[] {
  const highestOf = new Map<number, number>();
  const periodOf = ({ atMs }: Bid): number => Math.floor(atMs / 10_000);
  for (const bid of bids) {
    highestOf.set(periodOf(bid), Math.max(highestOf.get(periodOf(bid)) ?? 0, bid.price));
  }
  return bids.filter((bid) => bid.price === highestOf.get(periodOf(bid)));
}
