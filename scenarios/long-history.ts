/** The job manager dies when it has many checkpoints behind it, and some of them still in store. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { crash, scenario } from "./scenario.ts";

export const longHistory = scenario({
  name: "long-history",
  why: `Of more than ten checkpoints the newest three are kept when the job manager dies. Its
    successor must go back to the newest of them, not to one that looks newer, and must delete what
    the dead one had not got round to, and nothing else.`,
  job: wordCount({ name: "long-history", parallelism: 2, intervalMs: 300, retained: 3 }),
  input: (random) => drawLines(random),
  options: { taskManagers: 2, slotsPerTaskManager: 2 },
  faults: [
    crash({ process: "jm", when: "checkpoint-completed", nth: 11, restartAfterMs: 300 }),
    crash({
      process: "jm",
      when: "checkpoint-completed",
      nth: 16,
      afterMs: 5,
      restartAfterMs: 300,
    }),
  ],
  swarm: { faultsMax: 3 },
  rowKey: wordOf,
});
