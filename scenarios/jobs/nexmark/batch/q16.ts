/** NexMark q16 in plain loops: the report of each channel and day, made when all bids are there. */
import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { ChannelReport } from "../q16.ts";
import { statisticsOfBids } from "./bid-statistics.ts";
import { groupBy, isoDay } from "./group-by.ts";

export const evaluateQ16 = ({ bids }: NexmarkEvents): readonly ChannelReport[] =>
  groupBy(bids, ({ channel, atMs }) => `${channel} on ${isoDay(atMs)}`).map((ofChannel) => {
    const latestMs = Math.max(...ofChannel.map(({ atMs }) => atMs));
    return {
      channel: ofChannel[0]!.channel,
      day: isoDay(latestMs),
      minute: new Date(latestMs).toISOString().slice(11, 16).replace(":", "-"),
      ...statisticsOfBids(ofChannel),
    };
  });
