/** The job manager dies at the one moment when a checkpoint is neither pending nor complete. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { crash, scenario } from "./scenario.ts";

export const jobManagerDiesWhileCompleting = scenario({
  name: "job-manager-dies-while-completing",
  why: `All acknowledgements are in and the metadata is on its way to the store when the job manager
    dies. Its successor finds the checkpoint complete or does not find it at all; if it is there,
    the sinks must commit it though nobody was told; if not, nothing of it may be committed.`,
  job: wordCount({ name: "job-manager-dies-while-completing", parallelism: 2, intervalMs: 500 }),
  input: (random) => drawLines(random),
  options: {
    taskManagers: 2,
    slotsPerTaskManager: 2,
    store: {
      latency: { minUs: 2_000, maxUs: 100_000, tailPerMille: 60, tailUs: 800_000 },
      timeoutPerMille: 60,
    },
  },
  faults: [
    crash({ process: "jm", when: "checkpoint-completing", nth: 2, restartAfterMs: 20 }),
    // Its successor has just restored what it found; what it did not find may have landed since.
    crash({ process: "jm", when: "job-running", nth: 2, afterMs: 100, restartAfterMs: 20 }),
    crash({
      process: "jm",
      when: "checkpoint-completing",
      nth: 5,
      afterMs: 3,
      restartAfterMs: 700,
    }),
    crash({ process: "jm", when: "checkpoint-completed", nth: 6, restartAfterMs: 700 }),
  ],
  swarm: { faultsMax: 2 },
  rowKey: wordOf,
});
