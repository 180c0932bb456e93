import type { Bid, NexmarkEvents } from "../../../data/nexmark.ts";
import { groupBy } from "./group-by.ts";

/** What the changelog of the job amounts to. */
export const evaluateQ19 = ({ bids }: NexmarkEvents): readonly Bid[] =>
  groupBy(bids, ({ auction }) => String(auction)).flatMap((ofAuction) =>
    ofAuction.sort((a, b) => b.price - a.price || a.atMs - b.atMs).slice(0, 10),
  );
