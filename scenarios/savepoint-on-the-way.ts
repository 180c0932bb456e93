/** Savepoints are taken of a job that goes on, in either form. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { crash, scenario } from "./scenario.ts";

export const savepointOnTheWay = scenario({
  name: "savepoint-on-the-way",
  why: `A savepoint on the way is none of the job's checkpoints: no sink commits for it, no restart goes
    back to it, and it puts no checkpoint out of its place. It is taken once, however often it is
    asked for and of whomever.`,
  job: wordCount({
    ...{ name: "savepoint-on-the-way", parallelism: 3 },
    ...{ intervalMs: 600, tolerableFailures: 9 },
  }),
  input: (random) => drawLines(random),
  options: { taskManagers: 3, slotsPerTaskManager: 1 },
  actions: [
    { when: { atMs: 2_000 }, kind: "savepoint", form: "native" },
    { when: { atMs: 4_500 }, kind: "savepoint", form: "canonical" },
    { when: { atMs: 7_000 }, kind: "savepoint", form: "native" },
  ],
  faults: [crash({ process: "tm-1", when: "savepoint-completed", nth: 1, restartAfterMs: 300 })],
  swarm: { faultsMax: 4 },
  rowKey: wordOf,
});
