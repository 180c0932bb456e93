/** NexMark q21 in plain loops. */
import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { Identified } from "../q21.ts";

const GREAT_CHANNELS = ["apple", "google", "facebook", "baidu"];

export function evaluateQ21({ bids }: NexmarkEvents): readonly Identified[] {
  const rows: Identified[] = [];
  for (const { auction, bidder, price, channel, url } of bids) {
    const great = GREAT_CHANNELS.indexOf(channel.toLowerCase());
    const said = url
      .split("&")
      .slice(1)
      .find((part) => part.startsWith("channel_id="));
    const channelId = great >= 0 ? String(great) : said?.slice("channel_id=".length);
    if (channelId !== undefined) rows.push({ auction, bidder, price, channel, channelId });
  }
  return rows;
}
