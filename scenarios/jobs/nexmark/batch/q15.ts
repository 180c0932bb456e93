import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { DayReport } from "../q15.ts";
import { statisticsOfBids } from "./bid-statistics.ts";
import { groupBy, isoDay } from "./group-by.ts";

/** What the changelog of the job amounts to. */
export const evaluateQ15 = ({ bids }: NexmarkEvents): readonly DayReport[] =>
  groupBy(bids, ({ atMs }) => isoDay(atMs)).map((ofDay) => ({
    day: isoDay(ofDay[0]!.atMs),
    ...statisticsOfBids(ofDay),
  }));
