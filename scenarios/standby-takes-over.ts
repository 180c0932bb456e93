/** Two job managers, and whatever may come between a leader and the end of its term. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { crash, cutLink, expireSession, pause, scenario } from "./scenario.ts";

export const standbyTakesOver = scenario({
  name: "standby-takes-over",
  why: `A leader dies, stands still or is given up while it stores a checkpoint, while a restart is
    due or while tasks are deployed. The standby must find all that was complete; nothing of it may
    be lost because a term has ended, and what a leader of the past says or stores must not count.`,
  job: wordCount({ name: "standby-takes-over", parallelism: 2, intervalMs: 500 }),
  input: (random) => drawLines(random),
  options: {
    jobManagers: 2,
    taskManagers: 2,
    slotsPerTaskManager: 2,
    heartbeatMs: 100,
    heartbeatTimeoutMs: 600,
  },
  faults: [
    pause({ when: "checkpoint-completing", nth: 3, forMs: 1_500 }),
    // The restart of a job whose task manager has died falls together with the end of the term.
    crash({ process: "tm-1", when: "checkpoint-completed", nth: 4, restartAfterMs: 300 }),
    expireSession({ when: "job-failing", nth: 2 }),
    cutLink({ from: "jm", to: "tm-0", when: "job-deploying", nth: 3, forMs: 1_200 }),
    crash({ when: "leader-elected", nth: 3, afterMs: 100, restartAfterMs: 400 }),
  ],
  swarm: { faultsMax: 4 },
  quietAfterMs: 20_000,
  rowKey: wordOf,
});
