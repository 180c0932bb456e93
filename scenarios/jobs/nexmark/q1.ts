/** NexMark q1, currency conversion: what is each bid in euros? */
import { types, type LogicalGraph, type ValueOf } from "../../../src/index.ts";
import { bids, nexmarkJob, results } from "./streams.ts";

const EUROS_PER_THOUSAND_DOLLARS = 908;

const euroBidType = types.record({
  auction: types.int,
  bidder: types.int,
  /** Cents, in thousandths. */
  price: types.double,
  atMs: types.long,
  extra: types.string,
});
export type EuroBid = ValueOf<typeof euroBidType>;

export const q1 = (): LogicalGraph =>
  nexmarkJob("q1", (env) => {
    bids(env)
      .map(({ auction, bidder, price, atMs, extra }): EuroBid => {
        const euros = (price * EUROS_PER_THOUSAND_DOLLARS) / 1_000;
        return { auction, bidder, price: euros, atMs, extra };
      }, euroBidType)
      .uid("convert")
      .sinkTo(results)
      .uid("results");
  });
