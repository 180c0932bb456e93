/** State on the disk, of which a checkpoint stores only what is new. */
import { drawLines } from "./data/lines.ts";
import { concordance, pairOf } from "./jobs/concordance.ts";
import { crash, scenario } from "./scenario.ts";

export const largeState = scenario({
  name: "large-state",
  why: `What a checkpoint refers to was stored by those before it, some of which were aborted,
    expired or replaced since: a file deleted too early, or one taken for another, is missed at the
    next restore. Files are merged while snapshots still read them; what was removed, and what was
    changed in place, must not come back out of an older file.`,
  job: concordance({ name: "large-state" }),
  input: (random) => drawLines(random, { linesMin: 120, linesMax: 260 }),
  options: {
    taskManagers: 3,
    slotsPerTaskManager: 2,
    store: {
      latency: { minUs: 5_000, maxUs: 80_000, tailPerMille: 30, tailUs: 600_000 },
      timeoutPerMille: 10,
    },
  },
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 4, restartAfterMs: 500 }),
    crash({ process: "tm-1", when: "checkpoint-completed", nth: 9, restartAfterMs: 500 }),
  ],
  swarm: { faultsMax: 4 },
  rowKey: pairOf,
});
