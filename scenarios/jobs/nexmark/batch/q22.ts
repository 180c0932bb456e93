/** NexMark q22 in plain loops. */
import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { WithFolders } from "../q22.ts";

export const evaluateQ22 = ({ bids }: NexmarkEvents): readonly WithFolders[] =>
  bids.map(({ auction, bidder, price, channel, url }) => {
    const path = /^https:\/\/[^/]*\/([^/]*)\/([^/]*)\/([^/]*)\//.exec(url);
    return { auction, bidder, price, channel, dir1: path?.[1], dir2: path?.[2], dir3: path?.[3] };
  });
