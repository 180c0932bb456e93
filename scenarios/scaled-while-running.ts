/** A job gets more subtasks while it runs, and later fewer than it had. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { scenario } from "./scenario.ts";

const at = (parallelism: number) =>
  Object.fromEntries(["lines", "words", "count", "sink"].map((uid) => [uid, parallelism]));

export const scaledWhileRunning = scenario({
  name: "scaled-while-running",
  why: `With another parallelism every key has to find its count where it is looked for from then
    on, every partition a reader that goes on behind the last record read, and every transaction
    that was pre-committed somebody who commits it. What failed when the plan changed, or the leader
    dying over it, must not bring the old plan back.`,
  job: wordCount({
    ...{ name: "scaled-while-running", parallelism: 2 },
    ...{ intervalMs: 500, tolerableFailures: 9 },
  }),
  input: (random) => drawLines(random),
  options: { taskManagers: 2, slotsPerTaskManager: 2 },
  actions: [
    { when: { atMs: 2_500 }, kind: "rescale", parallelism: at(4) },
    { when: { atMs: 5_000 }, kind: "rescale", parallelism: { count: 3, sink: 3 } },
    { when: { atMs: 8_000 }, kind: "rescale", parallelism: at(1) },
  ],
  swarm: { faultsMax: 4 },
  rowKey: wordOf,
});
