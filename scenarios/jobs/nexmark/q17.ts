/**
 * NexMark q17, auction statistics report: of each auction and day how many bids there were, by rank of
 * price too, and the least, the greatest, the average and the sum of their prices.
 *
 *   bids --hash(auction, day)--> fold, as a changelog --> ledger
 */
import { changeType, types, type LogicalGraph, type ValueOf } from "../../../src/index.ts";
import type { Bid } from "../../data/nexmark.ts";
import { rankOf } from "./bid-statistics.ts";
import { dayOf } from "./calendar.ts";
import { GroupAggregate, type Grouping } from "./group-aggregate.ts";
import { bids, nexmarkJob, results } from "./streams.ts";

const auctionDayType = types.record({ auction: types.int, day: types.string });
type AuctionDay = ValueOf<typeof auctionDayType>;

const pricesFields = {
  totalBids: types.int,
  rank1Bids: types.int,
  rank2Bids: types.int,
  rank3Bids: types.int,
  minPrice: types.int,
  maxPrice: types.int,
  sumPrice: types.long,
};
const pricesType = types.record(pricesFields);
type Prices = ValueOf<typeof pricesType>;

const auctionReportType = types.record({
  auction: types.int,
  day: types.string,
  ...pricesFields,
  /** Whole cents, rounded down. */
  avgPrice: types.long,
});
export type AuctionReport = ValueOf<typeof auctionReportType>;

const NO_BIDS: Prices = {
  ...{ totalBids: 0, rank1Bids: 0, rank2Bids: 0, rank3Bids: 0 },
  ...{ minPrice: Infinity, maxPrice: 0, sumPrice: 0 },
};

function addBid({ price }: Bid, prices: Prices): Prices {
  const ofRank = `${rankOf(price)}Bids` as const;
  return {
    ...prices,
    totalBids: prices.totalBids + 1,
    [ofRank]: prices[ofRank] + 1,
    minPrice: Math.min(prices.minPrice, price),
    maxPrice: Math.max(prices.maxPrice, price),
    sumPrice: prices.sumPrice + price,
  };
}

const byAuctionAndDay: Grouping<AuctionDay, Bid, Prices, AuctionReport> = {
  aggregate: { createAccumulator: () => NO_BIDS, add: addBid, result: (prices) => prices },
  type: pricesType,
  row: (key, prices) => ({
    ...key,
    ...prices,
    avgPrice: Math.floor(prices.sumPrice / prices.totalBids),
  }),
};

export const q17 = (): LogicalGraph =>
  nexmarkJob("q17", (env) => {
    bids(env)
      .keyBy(({ auction, atMs }) => ({ auction, day: dayOf(atMs) }), auctionDayType)
      .process(() => new GroupAggregate(byAuctionAndDay), changeType(auctionReportType))
      .uid("report")
      .sinkTo(results)
      .uid("results");
  });
