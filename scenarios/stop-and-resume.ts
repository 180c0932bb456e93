/** A job is stopped behind a savepoint, twice, and goes on from it a little later. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { scenario } from "./scenario.ts";

export const stopAndResume = scenario({
  name: "stop-and-resume",
  why: `Between the savepoint and the end of its tasks a job may fail, and its leader may die: it
    must not go on from an older checkpoint, nor end without its output. Resumed, it goes on as if
    it had never stopped.`,
  job: wordCount({
    name: "stop-and-resume",
    parallelism: 2,
    intervalMs: 500,
    retained: 2,
    tolerableFailures: 9,
  }),
  input: (random) => drawLines(random),
  actions: [
    { when: { atMs: 3_000 }, kind: "stop", drain: false, form: "native", resumeAfterMs: 700 },
    {
      ...{ when: { atMs: 8_000 }, kind: "stop", drain: false, form: "canonical" },
      ...{ resumeAfterMs: 100, claim: true },
    },
  ],
  swarm: { faultsMax: 4 },
  rowKey: wordOf,
});
