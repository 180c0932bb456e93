/** An object store that asks to be asked less, takes its time by the byte, and lists what was there. */
import { drawLines } from "./data/lines.ts";
import { concordance, pairOf } from "./jobs/concordance.ts";
import { crash, scenario, storeListsLate, storeNarrow, storeThrottles } from "./scenario.ts";

export const storeUnderStrain = scenario({
  name: "store-under-strain",
  why: `A leader that is refused the list of its checkpoints must not take it for an empty one, and a list
    that does not know the newest checkpoint yet must not say where the job goes on: both would
    repeat what has been committed. What is only looked through for leftovers may be as late as it
    likes, and no file goes that somebody still refers to.`,
  job: concordance({ name: "store-under-strain" }),
  input: (random) => drawLines(random, { linesMin: 50, linesMax: 90 }),
  options: { taskManagers: 2, slotsPerTaskManager: 2 },
  faults: [
    storeListsLate({ atMs: 0, forMs: 11_000, lateMs: 4_000 }),
    crash({ process: "jm", when: "checkpoint-completed", nth: 3, restartAfterMs: 100 }),
    storeThrottles({ when: "checkpoint-completed", nth: 3, forMs: 3_500, perSecond: 4 }),
    storeNarrow({ when: "checkpoint-completed", nth: 5, forMs: 2_000, bytesPerSecond: 4_000 }),
  ],
  swarm: {
    faultsMax: 3,
    weights: { crash: 2, "store-throttles": 2, "store-narrow": 2, "store-lists-late": 2 },
  },
  rowKey: pairOf,
});
