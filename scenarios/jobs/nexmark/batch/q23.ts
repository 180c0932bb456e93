/** NexMark q23 in plain loops: every bid held against every person and every auction. */
import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { Expanded } from "../q23.ts";

export function evaluateQ23({ bids, persons, auctions }: NexmarkEvents): readonly Expanded[] {
  const rows: Expanded[] = [];
  for (const bid of bids) {
    for (const person of persons) {
      if (person.id !== bid.bidder) continue;
      for (const auction of auctions) {
        if (auction.seller === bid.bidder) rows.push({ bid, person, auction });
      }
    }
  }
  return rows;
}
