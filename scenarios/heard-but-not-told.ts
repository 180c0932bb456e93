/** A leader that hears its task managers, and is not heard by them. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { partition, scenario } from "./scenario.ts";

export const heardButNotTold = scenario({
  name: "heard-but-not-told",
  why: `What the job manager says to a task manager is lost, while all that it hears from there
    is that this one lives and has nothing to do. So nobody is given up, and what was said has to
    be said again until the way is whole, however often that is. Later two sides cannot reach
    each other at all, and one machine between them reaches both.`,
  job: wordCount({ name: "heard-but-not-told", parallelism: 2, intervalMs: 500 }),
  input: (random) => drawLines(random),
  options: { taskManagers: 3, slotsPerTaskManager: 1, heartbeatMs: 150, heartbeatTimeoutMs: 900 },
  faults: [
    partition({ atMs: 0, sides: [["jm"], ["tm-0"]], forMs: 3_000, oneWay: true }),
    partition({
      when: "checkpoint-completed",
      nth: 3,
      sides: [["tm-0"], ["tm-1"]],
      forMs: 300,
      again: { times: 2, afterMs: 700 },
    }),
  ],
  swarm: { faultsMax: 3, weights: { partition: 4, crash: 2, "lose-control": 2, pause: 1 } },
  quietAfterMs: 14_000,
  rowKey: wordOf,
});
