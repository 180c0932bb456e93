/** Several checkpoints under way at a time, over a store that takes long to answer. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { crash, scenario } from "./scenario.ts";

export const checkpointsOverlap = scenario({
  name: "checkpoints-overlap",
  why: `The next checkpoint begins before the last one is stored, and the one after that as well. They
    become whole in any order: the completion of one ends those below it, what is still written down
    is no place to go back to yet, and sinks commit up to the newest that is.`,
  job: wordCount({
    name: "checkpoints-overlap",
    parallelism: 2,
    intervalMs: 120,
    timeoutMs: 5_000,
    maxConcurrent: 3,
    retained: 2,
    tolerableFailures: 3,
  }),
  input: (random) => drawLines(random, { linesMin: 80, linesMax: 140, overMs: 6_000 }),
  options: {
    taskManagers: 2,
    slotsPerTaskManager: 2,
    store: {
      latency: { minUs: 20_000, maxUs: 250_000, tailPerMille: 20, tailUs: 900_000 },
      timeoutPerMille: 0,
    },
  },
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completing", nth: 4, afterMs: 60 }),
    crash({ process: "tm-1", when: "checkpoint-triggered", nth: 18, afterMs: 10 }),
  ],
  swarm: { faultsMax: 2 },
  rowKey: wordOf,
});
