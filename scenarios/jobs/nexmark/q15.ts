/**
 * NexMark q15, bidding statistics report: of each day how many bids there were, how many bidders made
 * them and in how many auctions, also by rank of price.
 *
 *   bids --hash(day)--> fold, as a changelog --> ledger
 *
 * There are only two days, so nearly all of the work is one subtask's.
 */
import { changeType, types, type LogicalGraph } from "../../../src/index.ts";
import type { Bid } from "../../data/nexmark.ts";
import {
  addBid,
  emptyTally,
  statisticsFields,
  statisticsOf,
  tallyType,
  type Statistics,
  type Tally,
} from "./bid-statistics.ts";
import { dayOf } from "./calendar.ts";
import { GroupAggregate, type Grouping } from "./group-aggregate.ts";
import { bids, nexmarkJob, results } from "./streams.ts";

export type DayReport = Readonly<{ day: string }> & Statistics;
const reportType = types.record({ day: types.string, ...statisticsFields });

const byDay: Grouping<string, Bid, Tally, DayReport> = {
  aggregate: { createAccumulator: emptyTally, add: addBid, result: (tally) => tally },
  type: tallyType,
  row: (day, tally) => ({ day, ...statisticsOf(tally) }),
};

export const q15 = (): LogicalGraph =>
  nexmarkJob("q15", (env) => {
    bids(env)
      .keyBy(({ atMs }) => dayOf(atMs), types.string)
      .process(() => new GroupAggregate(byDay), changeType<DayReport>(reportType))
      .uid("report")
      .sinkTo(results)
      .uid("results");
  });
