/** The core of q4, q6 and q9, evaluated: for each auction its bids are sorted. */
import type { Auction, Bid, NexmarkEvents } from "../../../data/nexmark.ts";

/** Of each auction that has one the best bid: the dearest, of equal ones the first. */
export function winningBidsOf({ auctions, bids }: NexmarkEvents): Map<Auction, Bid> {
  const winners = new Map<Auction, Bid>();
  for (const auction of auctions) {
    const [best] = bids
      .filter((bid) => bid.auction === auction.id)
      .filter(({ atMs }) => auction.atMs <= atMs && atMs <= auction.expiresMs)
      .sort((a, b) => b.price - a.price || a.atMs - b.atMs);
    if (best !== undefined) winners.set(auction, best);
  }
  return winners;
}
