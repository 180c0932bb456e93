/** NexMark q15: distinct counts of whole days, nearly all in one subtask. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ15 } from "../jobs/nexmark/batch/q15.ts";
import { q15 } from "../jobs/nexmark/q15.ts";
import { ANY_SETTINGS, crash, scenario, storeTimeouts } from "../scenario.ts";
import { tableProperties } from "./query.ts";

export const nexmarkQ15 = scenario({
  name: "nexmark-q15",
  why: `A set of ids grows in place all day long, while snapshots of it wait to be written. One
    that changes under a snapshot, or an id that a restore forgets, makes all later counts of
    that day wrong.`,
  job: q15(),
  input: drawNexmark(["bids"]),
  faults: [
    storeTimeouts({ when: "checkpoint-completed", nth: 3, forMs: 1_500 }),
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 6, restartAfterMs: 700 }),
  ],
  swarm: { free: ANY_SETTINGS },
  properties: tableProperties(evaluateQ15),
});
