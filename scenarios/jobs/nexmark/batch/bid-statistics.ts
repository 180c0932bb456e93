import type { Bid } from "../../../data/nexmark.ts";
import type { Statistics } from "../bid-statistics.ts";

/** As the queries say it: each count is one over the bids of some prices. */
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
