/** A coordination service without a majority, on slow disks, and with news that is old when it comes. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import {
  coordinationSlow,
  coordinationUnavailable,
  crash,
  delayWatches,
  expireSession,
  scenario,
} from "./scenario.ts";

export const newsComesLate = scenario({
  name: "news-comes-late",
  why: `The service hears nobody for longer than a lease: every term is over, and whoever leads
    has to know that by its own clock. A standby learns late that it was elected, when another
    may have been since; a leader whose signs of life are confirmed too late steps down for
    nothing. There must be one leader at a time all the same, and in the end there has to be one.`,
  job: wordCount({ name: "news-comes-late", parallelism: 2, intervalMs: 500 }),
  input: (random) => drawLines(random),
  options: {
    jobManagers: 3,
    taskManagers: 2,
    slotsPerTaskManager: 2,
    heartbeatMs: 100,
    heartbeatTimeoutMs: 600,
  },
  faults: [
    coordinationSlow({ when: "checkpoint-completed", nth: 2, forMs: 1_000, extraMs: 450 }),
    coordinationUnavailable({ when: "checkpoint-triggered", nth: 5, forMs: 900 }),
    // The session ends while the news of the next term is on its way, and ends again before it came.
    delayWatches({ when: "job-running", nth: 2, forMs: 4_000, extraMs: 1_500 }),
    expireSession({ when: "checkpoint-completing", nth: 6 }),
    crash({ when: "leader-elected", nth: 3, afterMs: 100, restartAfterMs: 400 }),
  ],
  swarm: { faultsMax: 2 },
  quietAfterMs: 20_000,
  rowKey: wordOf,
});
