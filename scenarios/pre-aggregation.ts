/** Words travel in bundles, and bundles are in no snapshot. */
import { drawNumberedLines } from "./data/numbered-lines.ts";
import { nameOf, preAggregation as preAggregationJob } from "./jobs/pre-aggregation.ts";
import { ANY_SETTINGS, crash, scenario } from "./scenario.ts";

export const preAggregation = scenario({
  name: "pre-aggregation",
  why: `What lies in a bundle when a barrier comes is in no snapshot, so it has to leave before the
    barrier does: behind it, a failure would lose it, since the source counts it as read. And it has
    to leave before the watermark, or it comes too late for its window.`,
  job: preAggregationJob(),
  input: (random) => drawNumberedLines(random),
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 3, restartAfterMs: 500 }),
    crash({ process: "tm-1", when: "checkpoint-completed", nth: 7, restartAfterMs: 500 }),
  ],
  options: { taskManagers: 2, slotsPerTaskManager: 1 },
  rowKey: nameOf,
  swarm: { free: ANY_SETTINGS },
});
