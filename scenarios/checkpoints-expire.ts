/** Checkpoints that run out of time, so that the next one overlaps with what is left of the last. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { crash, scenario } from "./scenario.ts";

const CONTROL_US_MAX = 110_000;

export const checkpointsExpire = scenario({
  name: "checkpoints-expire",
  why: `A checkpoint has little more time than its messages take, so many are given up. The news of
    that comes late, lost or in the middle of the next one: barriers of two ids are in the channels,
    an abort meets an alignment it is not about, and no record may count for the wrong checkpoint.`,
  job: wordCount({
    name: "checkpoints-expire",
    parallelism: 3,
    intervalMs: 150,
    timeoutMs: 320,
    // That many fail in a row is what this is about.
    tolerableFailures: 1_000,
  }),
  input: (random) => drawLines(random, { linesMin: 150, linesMax: 250, overMs: 9_000 }),
  options: {
    taskManagers: 3,
    slotsPerTaskManager: 1,
    // What is lost is repeated at heartbeats: late enough for a checkpoint to run out.
    heartbeatMs: 400,
    heartbeatTimeoutMs: 2_400,
    control: {
      lossPerMille: 50,
      duplicatePerMille: 10,
      latency: { minUs: 200, maxUs: CONTROL_US_MAX, tailPerMille: 0, tailUs: 1 },
    },
    store: {
      latency: { minUs: 1_000, maxUs: 10_000, tailPerMille: 5, tailUs: 300_000 },
      timeoutPerMille: 0,
    },
    ledger: {
      latency: { minUs: 500, maxUs: 5_000, tailPerMille: 5, tailUs: 300_000 },
      timeoutPerMille: 0,
    },
  },
  // The checkpoint after one that was given up is the one to go back to.
  faults: [
    crash({ process: "tm-0", when: "checkpoint-aborted", nth: 2, afterMs: 340 }),
    crash({ process: "tm-1", when: "checkpoint-aborted", nth: 5, afterMs: 340 }),
    crash({ process: "tm-2", when: "checkpoint-aborted", nth: 8, afterMs: 340 }),
  ],
  swarm: { faultsMax: 2 },
  rowKey: wordOf,
});
