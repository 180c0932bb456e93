/** Half of the machines are gone in one instant, the leader among them. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { crash, crashRack, scenario } from "./scenario.ts";

export const rackWithoutPower = scenario({
  name: "rack-without-power",
  why: `The leader and a task manager stand in one rack, their stand-ins in the other. Whenever a rack
    loses its power, a leader or what it needs is gone together with tasks: in the middle of a
    checkpoint, and while the job recovers from the last time.`,
  job: wordCount({ name: "rack-without-power", parallelism: 2, intervalMs: 500 }),
  input: (random) => drawLines(random),
  options: {
    jobManagers: 2,
    racks: 2,
    taskManagers: 4,
    slotsPerTaskManager: 1,
    heartbeatMs: 150,
    heartbeatTimeoutMs: 700,
  },
  faults: [
    crashRack({ process: "jm", when: "checkpoint-completing", nth: 3, restartAfterMs: 900 }),
    crashRack({ when: "job-restored", nth: 2, by: "jm-1", afterMs: 20, restartAfterMs: 400 }),
    crash({ process: "tm-1", when: "transaction-pre-committed", nth: 12, restartAfterMs: 300 }),
  ],
  swarm: { faultsMax: 3, weights: { "crash-rack": 4, crash: 2, "expire-session": 1 } },
  quietAfterMs: 16_000,
  rowKey: wordOf,
});
