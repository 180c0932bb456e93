/** State that is stored as a whole in the background, again and again, by a store that times out. */
import { drawItems } from "./data/items.ts";
import { basketRowOf, logOfChanges } from "./jobs/log-of-changes.ts";
import { crash, scenario, storeTimeouts } from "./scenario.ts";

export const materialization = scenario({
  name: "materialization",
  why: `Every few moments all state is stored anew and the log of changes begins behind it, while
    checkpoints that build on the one before are under way. The store does not say what became of
    half of it. A log that is cut before the newer state is known to be stored, or a file that is
    thrown away because the last checkpoint did not need it yet, shows at the next restore.`,
  job: logOfChanges({ name: "materialization", materializeMs: 250 }),
  input: (random) => drawItems(random, 9_000),
  options: { taskManagers: 2, slotsPerTaskManager: 1 },
  faults: [
    storeTimeouts({ atMs: 1_500, forMs: 3_000, perMille: 500 }),
    storeTimeouts({ atMs: 6_000, forMs: 2_500, perMille: 500 }),
    crash({ process: "tm-1", when: "checkpoint-completed", nth: 4, restartAfterMs: 400 }),
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 8, restartAfterMs: 400 }),
  ],
  swarm: { faultsMax: 3 },
  rowKey: basketRowOf,
});
