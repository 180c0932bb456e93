/**
 * NexMark q19, auction top 10 price: the ten highest bids of each auction.
 *
 *   bids --hash(auction)--> top 10 by price, as a changelog --> ledger
 *
 * The query leaves open which of equal prices ranks first: here it is the earlier one. And its rows carry
 * their ranks, which follow from the prices and are left out.
 */
import { types, type LogicalGraph } from "../../../src/index.ts";
import { bidType } from "../../data/nexmark.ts";
import { bids, nexmarkJob, results } from "./streams.ts";

const TOP = 10;

export const q19 = (): LogicalGraph =>
  nexmarkJob("q19", (env) => {
    bids(env)
      .keyBy(({ auction }) => auction, types.int)
      .topN({ count: TOP, compare: (a, b) => b.price - a.price || a.atMs - b.atMs, type: bidType })
      .uid("top")
      .sinkTo(results)
      .uid("results");
  });
