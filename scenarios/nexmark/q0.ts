/** NexMark q0: nothing but a source and a sink. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ0 } from "../jobs/nexmark/batch/q0.ts";
import { q0 } from "../jobs/nexmark/q0.ts";
import { ANY_SETTINGS, crash, scenario } from "../scenario.ts";
import { queryProperties } from "./query.ts";

export const nexmarkQ0 = scenario({
  name: "nexmark-q0",
  why: `Bids go straight from the log to the ledger. All that can go wrong is the position in the
    log that a checkpoint holds, and which transactions are committed with it: either shows as a bid
    lost or doubled.`,
  job: q0(),
  input: drawNexmark(["bids"]),
  faults: [crash({ process: "tm-0", when: "checkpoint-completed", nth: 3, restartAfterMs: 600 })],
  swarm: { free: ANY_SETTINGS },
  properties: queryProperties(evaluateQ0),
});
