/**
 * NexMark q4, average price for a category: for how much do auctions of each category close?
 *
 *   auctions, bids --> winning bids --hash(category)--> fold, as a changelog --> ledger
 *
 * Auctions that close together are counted in any order; what the averages come to is one.
 */
import { changeType, types, type LogicalGraph, type ValueOf } from "../../../src/index.ts";
import { GroupAggregate, type Grouping } from "./group-aggregate.ts";
import { nexmarkJob, results } from "./streams.ts";
import { winningBids, type Sale } from "./winning-bids.ts";

const salesType = types.record({ sales: types.int, total: types.long });
type Sales = ValueOf<typeof salesType>;

const categoryPriceType = types.record({
  category: types.int,
  sales: types.int,
  total: types.long,
  /** Whole cents, rounded down. */
  average: types.long,
});
export type CategoryPrice = ValueOf<typeof categoryPriceType>;

const byCategory: Grouping<number, Sale, Sales, CategoryPrice> = {
  aggregate: {
    createAccumulator: () => ({ sales: 0, total: 0 }),
    add: ({ bid }, { sales, total }) => ({ sales: sales + 1, total: total + bid.price }),
    result: (sales) => sales,
  },
  type: salesType,
  row: (category, { sales, total }) => ({
    ...{ category, sales, total },
    average: Math.floor(total / sales),
  }),
};

export const q4 = (): LogicalGraph =>
  nexmarkJob("q4", (env) => {
    winningBids(env)
      .keyBy(({ auction }) => auction.category, types.int)
      .process(() => new GroupAggregate(byCategory), changeType(categoryPriceType))
      .uid("average")
      .sinkTo(results)
      .uid("results");
  });
