/**
 * NexMark q21, add channel id: a number for each of the great channels, and for others what their url
 * says; bids of channels that neither is known for are left out.
 */
import { types, type LogicalGraph, type ValueOf } from "../../../src/index.ts";
import { bids, nexmarkJob, results } from "./streams.ts";

const GREAT_CHANNELS: Readonly<Record<string, string>> = {
  apple: "0",
  google: "1",
  facebook: "2",
  baidu: "3",
};

const identifiedType = types.record({
  auction: types.int,
  bidder: types.int,
  price: types.int,
  channel: types.string,
  channelId: types.string,
});
export type Identified = ValueOf<typeof identifiedType>;

const channelIdOf = (channel: string, url: string): string | undefined =>
  GREAT_CHANNELS[channel.toLowerCase()] ?? /(?:&|^)channel_id=([^&]*)/.exec(url)?.[1];

export const q21 = (): LogicalGraph =>
  nexmarkJob("q21", (env) => {
    bids(env)
      .flatMap<Identified>(({ auction, bidder, price, channel, url }, out) => {
        const channelId = channelIdOf(channel, url);
        if (channelId === undefined) return;
        out.collect({ auction, bidder, price, channel, channelId });
      }, identifiedType)
      .uid("identify")
      .sinkTo(results)
      .uid("results");
  });
