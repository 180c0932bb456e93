/** A process dies between the first and the last barrier of a checkpoint. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { ANY_SETTINGS, crash, scenario } from "./scenario.ts";

export const crashWhileAligning = scenario({
  name: "crash-while-aligning",
  why: `A task manager dies when only some of its channels have delivered the barrier.
    The checkpoint must be abandoned, and no record from behind the barrier may count twice.`,
  job: wordCount({ name: "crash-while-aligning", parallelism: 3, intervalMs: 500 }),
  input: (random) => drawLines(random),
  options: { taskManagers: 3, slotsPerTaskManager: 2 },
  faults: [
    crash({ when: "alignment-started", nth: 4, restartAfterMs: 900 }),
    crash({ when: "alignment-started", nth: 11, restartAfterMs: 400 }),
  ],
  swarm: { free: ANY_SETTINGS, faultsMax: 2 },
  rowKey: wordOf,
});
