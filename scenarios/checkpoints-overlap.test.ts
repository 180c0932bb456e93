/** The story would hold just as well if its checkpoints came one after the other. */
import { expect, test } from "vitest";
import type { History } from "../sim/history.ts";
import { runScenario } from "../sim/index.ts";
import type { Scenario } from "../sim/scenario.ts";
import { checkpointsOverlap } from "./checkpoints-overlap.ts";

/** How many were under way at a time, at most, and how many completed while a newer one was. */
function overlapOf({ notes }: History): Readonly<{ underWayMax: number; completedBelow: number }> {
  const underWay = new Set<number>();
  let [underWayMax, completedBelow] = [0, 0];
  for (const note of notes) {
    switch (note.kind) {
      case "checkpoint-triggered":
        underWay.add(note.checkpointId);
        underWayMax = Math.max(underWayMax, underWay.size);
        break;
      case "checkpoint-aborted":
        underWay.delete(note.checkpointId);
        break;
      case "checkpoint-completed":
        underWay.delete(note.checkpointId);
        if ([...underWay].some((id) => id > note.checkpointId)) completedBelow++;
        break;
      default:
        break;
    }
  }
  return { underWayMax, completedBelow };
}

/** The story by itself: what seeds add to it may well keep checkpoints from being under way. */
const byItself: Scenario = {
  ...checkpointsOverlap,
  swarm: { faultsMax: 0, weights: {} },
  options: { ...checkpointsOverlap.options, jobManagers: 1, buggify: [] },
};

test.each(["0x1", "0x2", "0x3"])("[CS1] several are under way at a time on seed %s", (seed) => {
  const { history } = runScenario({ scenario: byItself, seed });
  const { underWayMax, completedBelow } = overlapOf(history);
  expect(underWayMax).toBe(checkpointsOverlap.job.checkpoints.maxConcurrent);
  expect(completedBelow).toBeGreaterThan(5);
});
