/** NexMark q13 in plain loops: each bid beside the row of the side input that has its key. */
import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { EnrichedBid } from "../q13.ts";
import { SIDE_INPUT } from "../side-input.ts";

export function evaluateQ13({ bids }: NexmarkEvents): readonly EnrichedBid[] {
  const rows: EnrichedBid[] = [];
  for (const { auction, bidder, price, atMs } of bids) {
    for (const [key, value] of SIDE_INPUT) {
      if (auction % 12 === key) rows.push({ auction, bidder, price, atMs, value });
    }
  }
  return rows;
}
