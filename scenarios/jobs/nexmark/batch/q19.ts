/** NexMark q19 in plain loops: all bids of an auction, sorted, and the first ten of them. */
import type { Bid, NexmarkEvents } from "../../../data/nexmark.ts";
import { groupBy } from "./group-by.ts";

export const evaluateQ19 = ({ bids }: NexmarkEvents): readonly Bid[] =>
  groupBy(bids, ({ auction }) => String(auction)).flatMap((ofAuction) =>
    ofAuction.sort((a, b) => b.price - a.price || a.atMs - b.atMs).slice(0, 10),
  );
