/** NexMark q10: a log of everything, in files by the minute. */
import { inOrderPerKey } from "../../properties/index.ts";
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ10 } from "../jobs/nexmark/batch/q10.ts";
import { fileOf, q10 } from "../jobs/nexmark/q10.ts";
import { ANY_SETTINGS, crash, scenario } from "../scenario.ts";
import { queryProperties } from "./query.ts";

export const nexmarkQ10 = scenario({
  name: "nexmark-q10",
  why: `A minute's bids lie in state, and are written all at once when it is over. A crash right then
    must leave either the whole file or none of it, and its lines in order.`,
  job: q10(),
  input: drawNexmark(["bids"]),
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 8, restartAfterMs: 700 }),
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 11, restartAfterMs: 700 }),
  ],
  swarm: { free: ANY_SETTINGS },
  properties: [...queryProperties(evaluateQ10), inOrderPerKey(fileOf)],
});
