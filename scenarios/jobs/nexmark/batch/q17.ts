/** NexMark q17 in plain loops: the report of each auction and day, made when all bids are there. */
import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { AuctionReport } from "../q17.ts";
import { statisticsOfBids } from "./bid-statistics.ts";
import { groupBy, isoDay } from "./group-by.ts";

export const evaluateQ17 = ({ bids }: NexmarkEvents): readonly AuctionReport[] =>
  groupBy(bids, ({ auction, atMs }) => `${auction} on ${isoDay(atMs)}`).map((ofAuction) => {
    const [{ auction, atMs }] = ofAuction as [(typeof ofAuction)[number]];
    const prices = ofAuction.map(({ price }) => price).sort((a, b) => a - b);
    const sumPrice = prices.reduce((sum, price) => sum + price, 0);
    const { total, rank1, rank2, rank3 } = statisticsOfBids(ofAuction).bids;
    return {
      auction,
      day: isoDay(atMs),
      totalBids: total,
      rank1Bids: rank1,
      rank2Bids: rank2,
      rank3Bids: rank3,
      minPrice: prices[0]!,
      maxPrice: prices.at(-1)!,
      avgPrice: (sumPrice - (sumPrice % total)) / total,
      sumPrice,
    };
  });
