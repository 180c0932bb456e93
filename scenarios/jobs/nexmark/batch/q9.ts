/** q9, evaluated: what `winning-bids.ts` finds. */
import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { Sale } from "../winning-bids.ts";
import { winningBidsOf } from "./winning-bids.ts";

export const evaluateQ9 = (events: NexmarkEvents): readonly Sale[] =>
  [...winningBidsOf(events)].map(([auction, bid]) => ({ auction, bid }));
