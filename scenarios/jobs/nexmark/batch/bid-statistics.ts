/** The counts of NexMark q15 to q17, each made by going over all the bids of a group. */
import type { Bid } from "../../../data/nexmark.ts";
import type { Statistics } from "../bid-statistics.ts";

export const statisticsOfBids = (bids: readonly Bid[]): Statistics => ({
  bids: byRank(bids, (some) => some.length),
  bidders: byRank(bids, (some) => new Set(some.map(({ bidder }) => bidder)).size),
  auctions: byRank(bids, (some) => new Set(some.map(({ auction }) => auction)).size),
});

const byRank = (bids: readonly Bid[], count: (some: readonly Bid[]) => number) => ({
  total: count(bids),
  rank1: count(bids.filter(({ price }) => price < 10_000)),
  rank2: count(bids.filter(({ price }) => price >= 10_000 && price < 1_000_000)),
  rank3: count(bids.filter(({ price }) => price >= 1_000_000)),
});
