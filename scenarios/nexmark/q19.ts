/** NexMark q19: the ten highest bids of each auction. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ19 } from "../jobs/nexmark/batch/q19.ts";
import { q19 } from "../jobs/nexmark/q19.ts";
import { ANY_SETTINGS, crash, scenario } from "../scenario.ts";
import { tableProperties } from "./query.ts";

export const nexmarkQ19 = scenario({
  name: "nexmark-q19",
  why: `A hot auction has far more than ten bids, and each that ranks takes back one that no
    longer does. The operator has to know all ten after a restore, or it takes back what it
    never put out.`,
  job: q19(),
  input: drawNexmark(["bids"]),
  options: { taskManagers: 2, slotsPerTaskManager: 1 },
  faults: [
    crash({ process: "tm-1", when: "checkpoint-completed", nth: 3, restartAfterMs: 700 }),
    crash({ process: "tm-0", when: "alignment-started", nth: 8, restartAfterMs: 700 }),
  ],
  swarm: { free: ANY_SETTINGS },
  properties: tableProperties(evaluateQ19),
});
