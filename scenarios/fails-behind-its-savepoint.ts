/** A job is stopped, and fails between its savepoint and the commits of what that holds. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { crash, scenario } from "./scenario.ts";

export const failsBehindItsSavepoint = scenario({
  name: "fails-behind-its-savepoint",
  why: `Once the savepoint of a stop is complete, sinks commit what it holds, and that is when a
    machine fails. The job is over for its owner: it must not go on from an older checkpoint, and
    commit some of the output twice, nor leave what was pre-committed to nobody. It comes back
    only to commit.`,
  job: wordCount({
    name: "fails-behind-its-savepoint",
    parallelism: 2,
    intervalMs: 400,
    tolerableFailures: 9,
  }),
  input: (random) => drawLines(random, { linesMin: 120, linesMax: 200, overMs: 24_000 }),
  actions: [
    { when: { atMs: 2_500 }, kind: "stop", drain: false, form: "native", resumeAfterMs: 600 },
    { when: { atMs: 5_000 }, kind: "stop", drain: false, form: "canonical", resumeAfterMs: 600 },
  ],
  options: { taskManagers: 2 },
  // A few milliseconds are what it takes to tell the sinks, and for the ledger to do it.
  faults: [
    crash({ process: "tm-0", when: "savepoint-completed", nth: 1, restartAfterMs: 300 }),
    crash({
      process: "tm-1",
      when: "savepoint-completed",
      nth: 2,
      afterMs: 4,
      restartAfterMs: 300,
    }),
  ],
  swarm: { faultsMax: 1 },
  rowKey: wordOf,
});
