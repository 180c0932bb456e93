/** A job is cancelled while the store does not say what becomes of its files. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { crash, scenario, storeTimeouts } from "./scenario.ts";

export const cancelledWhileStoring = scenario({
  name: "cancelled-while-storing",
  why: `Snapshots and metadata are on their way to a store that times out, and some of them land long
    after, when the cancellation comes. What was promised must stay committed, nothing more may be,
    and whatever lands after the clean-up has begun must be cleaned up as well.`,
  job: wordCount({ name: "cancelled-while-storing", parallelism: 2, intervalMs: 200 }),
  input: (random) => drawLines(random),
  cancelAtMs: 6_000,
  faults: [
    storeTimeouts({ atMs: 4_500, forMs: 4_000, perMille: 400 }),
    crash({ process: "jm", when: "job-cancelled", afterMs: 400, restartAfterMs: 500 }),
  ],
  swarm: { faultsMax: 3 },
  rowKey: wordOf,
});
