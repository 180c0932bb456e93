/** q0, evaluated: nothing is done. */
import type { Bid, NexmarkEvents } from "../../../data/nexmark.ts";

export const evaluateQ0 = ({ bids }: NexmarkEvents): readonly Bid[] => bids;
