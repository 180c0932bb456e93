/** A leader stands still with a checkpoint half stored, and goes on when another one leads. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { crash, pause, scenario, storeUnavailable } from "./scenario.ts";

export const leaderOfThePast = scenario({
  name: "leader-of-the-past",
  why: `The store refuses the metadata of a checkpoint, and the leader stands still before it can
    try again. When it goes on, its successor has restored the checkpoint before. Were the metadata
    stored now, the next leader would restore a checkpoint whose transactions are fenced off.`,
  job: wordCount({ name: "leader-of-the-past", parallelism: 2, intervalMs: 500 }),
  input: (random) => drawLines(random),
  options: {
    jobManagers: 2,
    taskManagers: 2,
    slotsPerTaskManager: 2,
    heartbeatMs: 100,
    heartbeatTimeoutMs: 600,
    control: {
      ...{ lossPerMille: 0, duplicatePerMille: 0 },
      latency: { minUs: 200, maxUs: 5_000, tailPerMille: 0, tailUs: 0 },
    },
    store: {
      latency: { minUs: 1_000, maxUs: 20_000, tailPerMille: 0, tailUs: 0 },
      timeoutPerMille: 0,
    },
  },
  faults: [
    storeUnavailable({ when: "checkpoint-completing", nth: 3, forMs: 100 }),
    pause({ when: "checkpoint-completing", nth: 3, forMs: 3_500 }),
    crash({ when: "job-running", nth: 2, afterMs: 400, restartAfterMs: 500 }),
  ],
  swarm: { faultsMax: 1 },
  quietAfterMs: 20_000,
  rowKey: wordOf,
});
