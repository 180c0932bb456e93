/** NexMark q15 in plain loops: the report of each day, made when all of its bids are there. */
import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { DayReport } from "../q15.ts";
import { statisticsOfBids } from "./bid-statistics.ts";
import { groupBy, isoDay } from "./group-by.ts";

export const evaluateQ15 = ({ bids }: NexmarkEvents): readonly DayReport[] =>
  groupBy(bids, ({ atMs }) => isoDay(atMs)).map((ofDay) => ({
    day: isoDay(ofDay[0]!.atMs),
    ...statisticsOfBids(ofDay),
  }));
