/** Checkpoints that wait for their turn, but not for long. */
import { drawLines } from "./data/lines.ts";
import { crowdedWords, nameOf } from "./jobs/crowded-words.ts";
import { crash, scenario } from "./scenario.ts";

export const alignedUntilLate = scenario({
  name: "aligned-until-late",
  why: `Barriers keep their place until the checkpoint is too old for that, and overtake from then
    on: at some subtasks before the first has come, at others between two of them, or when they
    stand in an output already. What they pass there has to be in the checkpoint, what they passed
    before they turned must not be, and a subtask that has aligned in time must not turn at all.`,
  job: crowdedWords("aligned-until-late", {
    intervalMs: 500,
    unaligned: true,
    alignedTimeoutMs: 120,
  }),
  input: (random) => drawLines(random, { linesMin: 40, linesMax: 70, overMs: 7_000 }),
  options: {
    taskManagers: 3,
    slotsPerTaskManager: 3,
    bufferBytes: 64,
    network: { minUs: 1_000, maxUs: 30_000, tailPerMille: 20, tailUs: 300_000 },
  },
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 3, restartAfterMs: 500 }),
    crash({ when: "alignment-started", nth: 40, restartAfterMs: 500 }),
    crash({ process: "tm-2", when: "checkpoint-completed", nth: 8, restartAfterMs: 500 }),
  ],
  swarm: { faultsMax: 3 },
  rowKey: nameOf,
});
