/** NexMark q18 in plain loops: the bids behind which the bidder made no other in the auction. */
import type { Bid, NexmarkEvents } from "../../../data/nexmark.ts";

export const evaluateQ18 = ({ bids }: NexmarkEvents): readonly Bid[] =>
  bids.filter(
    (bid) =>
      !bids.some(
        ({ bidder, auction, atMs }) =>
          bidder === bid.bidder && auction === bid.auction && atMs > bid.atMs,
      ),
  );
