/** NexMark q12 in plain loops: each bid on its own, as if its window had counted nothing else. */
import type { Bid, NexmarkEvents } from "../../../data/nexmark.ts";

/** A bid that some window of a second has counted. */
export type CountedBid = Readonly<{ bidder: Bid["bidder"]; windowMs: number }>;

/** Which windows is up to the clock; that each bid is in one of them is all that the query says. */
export const evaluateQ12 = ({ bids }: NexmarkEvents): readonly CountedBid[] =>
  bids.map(({ bidder }) => ({ bidder, windowMs: 1_000 }));
