/** A job is cancelled whose newest checkpoint is to outlive it. */
import { retainedIsWhole, standardProperties } from "../properties/index.ts";
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { crash, scenario, storeTimeouts } from "./scenario.ts";

export const retainedOnCancellation = scenario({
  name: "retained-on-cancellation",
  why: `The owner of a job cancels it to start it elsewhere, from its last checkpoint. That one must stay,
    whole, while all else is swept away: older ones, what was under way, what lands late. The job
    manager that sweeps dies, and the next one has to spare the same checkpoint.`,
  job: wordCount({
    name: "retained-on-cancellation",
    parallelism: 2,
    intervalMs: 250,
    retained: 2,
    retention: "retain-on-cancellation",
    tolerableFailures: 5,
  }),
  input: (random) => drawLines(random),
  cancelAtMs: 6_000,
  faults: [
    storeTimeouts({ atMs: 5_500, forMs: 2_000, perMille: 300 }),
    crash({ process: "jm", when: "job-cancelled", afterMs: 300, restartAfterMs: 500 }),
  ],
  swarm: { faultsMax: 2 },
  properties: [...standardProperties({ rowKey: wordOf }), retainedIsWhole],
});
