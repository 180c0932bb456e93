/** Checkpoints that are given up while what is in flight is still being gathered for them. */
import { drawLines } from "./data/lines.ts";
import { crowdedWords, nameOf } from "./jobs/crowded-words.ts";
import { crash, scenario } from "./scenario.ts";

export const expiredInFlight = scenario({
  name: "expired-in-flight",
  why: `Channels are slow and so is the store, while a checkpoint may take less than a second. Many
    expire half gathered, and word of that comes when the next one is gathered on the same channels.
    What ends for the one must go on for the other: a channel let go too early leaves a hole.`,
  job: crowdedWords("expired-in-flight", {
    intervalMs: 250,
    timeoutMs: 450,
    tolerableFailures: 1_000,
    unaligned: true,
  }),
  input: (random) => drawLines(random, { linesMin: 40, linesMax: 70, overMs: 7_000 }),
  options: {
    taskManagers: 3,
    slotsPerTaskManager: 3,
    bufferBytes: 64,
    creditsPerChannel: 2,
    network: { minUs: 5_000, maxUs: 80_000, tailPerMille: 30, tailUs: 400_000 },
    control: {
      lossPerMille: 20,
      duplicatePerMille: 20,
      latency: { minUs: 1_000, maxUs: 150_000, tailPerMille: 50, tailUs: 400_000 },
    },
  },
  // The checkpoint after one that was given up is the one to go back to.
  faults: [
    crash({ process: "tm-0", when: "checkpoint-aborted", nth: 2, afterMs: 600 }),
    crash({ process: "tm-1", when: "checkpoint-aborted", nth: 5, afterMs: 600 }),
    crash({ process: "tm-2", when: "checkpoint-aborted", nth: 8, afterMs: 600 }),
  ],
  swarm: { faultsMax: 2 },
  rowKey: nameOf,
});
