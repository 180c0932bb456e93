/** A process that was given up for dead wakes and goes on where it was. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { ANY_SETTINGS, pause, scenario } from "./scenario.ts";

export const zombieWriter = scenario({
  name: "zombie-writer",
  why: `A task manager stands still for longer than the heartbeat time-out, its work goes on
    elsewhere, and then it wakes with a transaction in hand and no idea that time has passed. What
    it still writes, acknowledges or commits must be fenced off.`,
  job: wordCount({ name: "zombie-writer", parallelism: 2, intervalMs: 500 }),
  input: (random) => drawLines(random),
  // One more task manager than the job needs: its work can move before the paused one is back.
  options: { taskManagers: 3, slotsPerTaskManager: 1, heartbeatMs: 200, heartbeatTimeoutMs: 1_000 },
  faults: [
    pause({ when: "transaction-pre-committed", nth: 3, forMs: 2_500 }),
    pause({ when: "snapshot-stored", nth: 14, forMs: 2_500 }),
  ],
  swarm: { free: ANY_SETTINGS, faultsMax: 2 },
  rowKey: wordOf,
});
