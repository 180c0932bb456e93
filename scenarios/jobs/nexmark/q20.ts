/**
 * NexMark q20, expand bid with auction: each bid in an auction of category 10, with that auction.
 *
 *   auctions --of category 10--hash(id)--\
 *                                         join --> ledger
 *   bids ---------------------hash(auction)/
 *
 * A bid may come before its auction, in event time as well, so both sides wait for ever. Neither takes
 * anything back, so the join does not, either: what comes out are rows to stay.
 */
import { types, type LogicalGraph, type ValueOf } from "../../../src/index.ts";
import { auctionType, bidType, type Auction, type Bid } from "../../data/nexmark.ts";
import { inserted } from "./inserted.ts";
import { auctions, bids, nexmarkJob, results } from "./streams.ts";

const CATEGORY = 10;

const expandedBidType = types.record({ bid: bidType, auction: auctionType });
export type ExpandedBid = ValueOf<typeof expandedBidType>;

export const q20 = (): LogicalGraph =>
  nexmarkJob("q20", (env) => {
    const ofCategory = auctions(env)
      .filter(({ category }) => category === CATEGORY)
      .uid("of-category");
    inserted(bids(env), bidType)
      .uid("bid-rows")
      .keyBy(({ row }) => row.auction, types.int)
      .join<Bid, Auction>(
        inserted(ofCategory, auctionType)
          .uid("auction-rows")
          .keyBy(({ row }) => row.id, types.int),
        { kind: "inner", types: [bidType, auctionType] },
      )
      .uid("join")
      .map(({ row }): ExpandedBid => ({ bid: row.left!, auction: row.right! }), expandedBidType)
      .uid("expand")
      .sinkTo(results)
      .uid("results");
  });
