/** NexMark q0, pass through: all bids, as they are. Shows what everything around a query costs. */
import type { LogicalGraph } from "../../../src/index.ts";
import { bids, nexmarkJob, results } from "./streams.ts";

export const q0 = (): LogicalGraph =>
  nexmarkJob("q0", (env) => {
    bids(env).sinkTo(results).uid("results");
  });
