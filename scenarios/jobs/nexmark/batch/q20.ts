/** NexMark q20 in plain loops: every bid held against every auction of the category. */
import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { ExpandedBid } from "../q20.ts";

export const evaluateQ20 = ({ bids, auctions }: NexmarkEvents): readonly ExpandedBid[] =>
  auctions
    .filter(({ category }) => category === 10)
    .flatMap((auction) =>
      bids.filter((bid) => bid.auction === auction.id).map((bid) => ({ bid, auction })),
    );
