/** NexMark q6: sales put in order of event time, and averaged over the last few. */
import { inOrderPerKey } from "../../properties/index.ts";
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ6 } from "../jobs/nexmark/batch/q6.ts";
import { q6, sellerOf } from "../jobs/nexmark/q6.ts";
import { ANY_SETTINGS, crash, scenario } from "../scenario.ts";
import { queryProperties } from "./query.ts";

export const nexmarkQ6 = scenario({
  name: "nexmark-q6",
  why: `Sales of one seller come from several subtasks, and count in order of closing. A timer that
    fires early, or is lost with the sales that wait for it, changes every average from there on.`,
  job: q6(),
  input: drawNexmark(["auctions", "bids"]),
  faults: [crash({ process: "tm-0", when: "checkpoint-completed", nth: 6, restartAfterMs: 700 })],
  swarm: { free: ANY_SETTINGS },
  properties: [...queryProperties(evaluateQ6), inOrderPerKey(sellerOf)],
});
