/**
 * NexMark q18, find last bid: the last bid of each bidder in each auction.
 *
 *   bids --hash(bidder, auction)--> last of key, as a changelog --> ledger
 */
import { types, type LogicalGraph } from "../../../src/index.ts";
import { bidType } from "../../data/nexmark.ts";
import { bids, nexmarkJob, results } from "./streams.ts";

const bidderInAuctionType = types.record({ bidder: types.int, auction: types.int });

export const q18 = (): LogicalGraph =>
  nexmarkJob("q18", (env) => {
    bids(env)
      .keyBy(({ bidder, auction }) => ({ bidder, auction }), bidderInAuctionType)
      .lastOfKey(bidType)
      .uid("last")
      .sinkTo(results)
      .uid("results");
  });
