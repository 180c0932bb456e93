import type { Bid, NexmarkEvents } from "../../../data/nexmark.ts";

/** What the changelog of the job amounts to. */
export const evaluateQ18 = ({ bids }: NexmarkEvents): readonly Bid[] =>
  bids.filter(
    (bid) =>
      !bids.some(
        ({ bidder, auction, atMs }) =>
          bidder === bid.bidder && auction === bid.auction && atMs > bid.atMs,
      ),
  );
