/**
 * NexMark q4, average price for a category: for how much do auctions of each category close?
 *
 *   auctions, bids --> winning bids --hash(category)--> running average --> ledger, as a changelog
 *
 * Auctions that close together are counted in any order; what the averages come to is one.
 */
import { changeType, types, type LogicalGraph, type ValueOf } from "../../../src/index.ts";
import { RunningRow } from "./running-row.ts";
import { nexmarkJob, results } from "./streams.ts";
import { winningBids, type Sale } from "./winning-bids.ts";

const categoryPriceType = types.record({
  category: types.int,
  sales: types.int,
  total: types.long,
  /** Whole cents, rounded down. */
  average: types.long,
});
export type CategoryPrice = ValueOf<typeof categoryPriceType>;

function counted({ auction, bid }: Sale, before: CategoryPrice | undefined): CategoryPrice {
  const sales = (before?.sales ?? 0) + 1;
  const total = (before?.total ?? 0) + bid.price;
  return { category: auction.category, sales, total, average: Math.floor(total / sales) };
}

export const q4 = (): LogicalGraph =>
  nexmarkJob("q4", (env) => {
    winningBids(env)
      .keyBy(({ auction }) => auction.category, types.int)
      .process(() => new RunningRow(categoryPriceType, counted), changeType(categoryPriceType))
      .uid("average")
      .sinkTo(results)
      .uid("results");
  });
