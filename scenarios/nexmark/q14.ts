/** NexMark q14: a calculation, and a filter by what came of it. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ14 } from "../jobs/nexmark/batch/q14.ts";
import { q14 } from "../jobs/nexmark/q14.ts";
import { ANY_SETTINGS, crash, pause, scenario } from "../scenario.ts";
import { queryProperties } from "./query.ts";

export const nexmarkQ14 = scenario({
  name: "nexmark-q14",
  why: `Nothing is kept between records, so what is right comes from the log alone: what is
    read again after a failure must not be put out again, and the bids that the filter drops
    must not move the others.`,
  job: q14(),
  input: drawNexmark(["bids"]),
  options: { taskManagers: 2, slotsPerTaskManager: 1 },
  faults: [
    pause({ process: "tm-1", when: "checkpoint-completed", nth: 3, forMs: 4_000 }),
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 8, restartAfterMs: 700 }),
  ],
  swarm: { free: ANY_SETTINGS },
  properties: queryProperties(evaluateQ14),
});
