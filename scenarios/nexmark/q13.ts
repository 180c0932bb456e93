/** NexMark q13: each bid with what a service says of its auction. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ13 } from "../jobs/nexmark/batch/q13.ts";
import { q13 } from "../jobs/nexmark/q13.ts";
import { ANY_SETTINGS, crash, scenario, serviceTimeouts } from "../scenario.ts";
import { queryProperties } from "./query.ts";

export const nexmarkQ13 = scenario({
  name: "nexmark-q13",
  why: `A bid whose answer is still under way is nowhere but in the operator that asks. If that
    dies the bid must be asked about again, once; and a bid whose key is not in the table must
    be let go of as well, or it is asked about for ever.`,
  job: q13(),
  input: drawNexmark(["bids"]),
  faults: [
    serviceTimeouts({ when: "checkpoint-completed", nth: 2, forMs: 1_500, perMille: 400 }),
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 5, restartAfterMs: 700 }),
  ],
  swarm: { free: ANY_SETTINGS },
  properties: queryProperties(evaluateQ13),
});
