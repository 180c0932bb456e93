/** State whose changes are logged as they happen, and which comes back by going through the log. */
import { drawItems } from "./data/items.ts";
import { basketRowOf, logOfChanges } from "./jobs/log-of-changes.ts";
import { crash, scenario } from "./scenario.ts";

export const logOfChangesStory = scenario({
  name: "log-of-changes",
  why: `A checkpoint consists of the changes since the state was last stored as a whole, which lie
    in the store already when the barrier comes. A deletion that is not replayed brings back what
    was cleared; a stretch that is missing, doubled or cut too early shows only after a failure; and
    a change in place that nobody told the log of is lost for good. The store is slow, so that
    stretches are on their way while snapshots want them.`,
  job: logOfChanges({ name: "log-of-changes", materializeMs: 1_500 }),
  input: (random) => drawItems(random, 9_000),
  options: {
    taskManagers: 2,
    slotsPerTaskManager: 1,
    store: {
      latency: { minUs: 10_000, maxUs: 120_000, tailPerMille: 30, tailUs: 500_000 },
      timeoutPerMille: 10,
    },
  },
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 3, restartAfterMs: 400 }),
    crash({ process: "tm-1", when: "checkpoint-completed", nth: 6, restartAfterMs: 400 }),
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 9, restartAfterMs: 400 }),
  ],
  swarm: { faultsMax: 4 },
  rowKey: basketRowOf,
});
