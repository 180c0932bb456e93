/**
 * NexMark q16, channel statistics report: what q15 counts, of each channel and day, with the last minute
 * of the day in which there was a bid.
 *
 *   bids --hash(channel, day)--> fold, as a changelog --> ledger
 */
import { changeType, types, type LogicalGraph, type ValueOf } from "../../../src/index.ts";
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
import { dayOf, minuteOf } from "./calendar.ts";
import { GroupAggregate, type Grouping } from "./group-aggregate.ts";
import { bids, nexmarkJob, results } from "./streams.ts";

const channelDayType = types.record({ channel: types.string, day: types.string });
type ChannelDay = ValueOf<typeof channelDayType>;

export type ChannelReport = ChannelDay & Readonly<{ minute: string }> & Statistics;
const reportType = types.record({
  channel: types.string,
  day: types.string,
  minute: types.string,
  ...statisticsFields,
});

type ChannelTally = Readonly<{ minute: string; tally: Tally }>;

const byChannelAndDay: Grouping<ChannelDay, Bid, ChannelTally, ChannelReport> = {
  aggregate: {
    createAccumulator: () => ({ minute: "", tally: emptyTally() }),
    add(bid, { minute, tally }) {
      const minuteOfBid = minuteOf(bid.atMs);
      const latest = minuteOfBid > minute ? minuteOfBid : minute;
      return { minute: latest, tally: addBid(bid, tally) };
    },
    result: (group) => group,
  },
  type: types.record({ minute: types.string, tally: tallyType }),
  row: (key, { minute, tally }) => ({ ...key, minute, ...statisticsOf(tally) }),
};

export const q16 = (): LogicalGraph =>
  nexmarkJob("q16", (env) => {
    bids(env)
      .keyBy(({ channel, atMs }) => ({ channel, day: dayOf(atMs) }), channelDayType)
      .process(() => new GroupAggregate(byChannelAndDay), changeType<ChannelReport>(reportType))
      .uid("report")
      .sinkTo(results)
      .uid("results");
  });
