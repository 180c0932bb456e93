/**
 * NexMark q2, selection: what was bid in certain auctions?
 *
 * The benchmark takes one auction of every 123; with tens of auctions in the place of thousands, it is
 * one of twelve here.
 */
import { types, type LogicalGraph, type ValueOf } from "../../../src/index.ts";
import { bids, nexmarkJob, results } from "./streams.ts";

const ONE_OF = 12;

const bidPriceType = types.record({ auction: types.int, price: types.int });
export type BidPrice = ValueOf<typeof bidPriceType>;

export const q2 = (): LogicalGraph =>
  nexmarkJob("q2", (env) => {
    bids(env)
      .filter(({ auction }) => auction % ONE_OF === 0)
      .uid("select")
      .map(({ auction, price }): BidPrice => ({ auction, price }), bidPriceType)
      .uid("project")
      .sinkTo(results)
      .uid("results");
  });
