/** NexMark q22: text taken apart, record by record. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ22 } from "../jobs/nexmark/batch/q22.ts";
import { q22 } from "../jobs/nexmark/q22.ts";
import { ANY_SETTINGS, crash, scenario } from "../scenario.ts";
import { queryProperties } from "./query.ts";

export const nexmarkQ22 = scenario({
  name: "nexmark-q22",
  why: `Nothing is kept between records, and rows lack what a url has none of. Both task
    managers die, one right behind the other: the second when the job may be on its way back
    from the first.`,
  job: q22(),
  input: drawNexmark(["bids"]),
  options: { taskManagers: 2, slotsPerTaskManager: 1 },
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 3, restartAfterMs: 600 }),
    crash({ process: "tm-1", when: "job-restarting", nth: 1, restartAfterMs: 600 }),
  ],
  swarm: { free: ANY_SETTINGS },
  properties: queryProperties(evaluateQ22),
});
