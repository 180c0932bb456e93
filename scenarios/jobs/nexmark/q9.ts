/** NexMark q9, winning bids: which bid won each auction? */
import type { LogicalGraph } from "../../../src/index.ts";
import { nexmarkJob, results } from "./streams.ts";
import { winningBids } from "./winning-bids.ts";

export const q9 = (): LogicalGraph =>
  nexmarkJob("q9", (env) => {
    winningBids(env).sinkTo(results).uid("results");
  });
