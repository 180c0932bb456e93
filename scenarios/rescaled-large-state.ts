/** State on disks moves to more subtasks and back, while checkpoints that share its files overlap. */
import { drawLines } from "./data/lines.ts";
import { concordance, pairOf } from "./jobs/concordance.ts";
import { crash, scenario } from "./scenario.ts";

const at = (parallelism: number) =>
  Object.fromEntries(["lines", "pairs", "concordance", "sink"].map((uid) => [uid, parallelism]));

export const rescaledLargeState = scenario({
  name: "rescaled-large-state",
  why: `Files that a subtask takes over hold more than is its own. What lies outside of its range is
    changed elsewhere from then on, and must not come back when files of several subtasks are put
    together again. While one checkpoint is still being stored, the one that it builds on is
    replaced by another: its files have to stay until nobody builds on them.`,
  job: concordance({
    ...{ name: "rescaled-large-state", intervalMs: 250, timeoutMs: 6_000 },
    ...{ maxConcurrent: 3, tolerableFailures: 9 },
  }),
  input: (random) => drawLines(random, { linesMin: 90, linesMax: 140, overMs: 14_000 }),
  options: {
    taskManagers: 2,
    slotsPerTaskManager: 2,
    store: {
      latency: { minUs: 5_000, maxUs: 60_000, tailPerMille: 60, tailUs: 700_000 },
      timeoutPerMille: 5,
    },
  },
  actions: [
    { when: { atMs: 3_000 }, kind: "rescale", parallelism: at(4) },
    { when: { atMs: 7_000 }, kind: "rescale", parallelism: at(2) },
    { when: { atMs: 11_000 }, kind: "rescale", parallelism: at(3) },
  ],
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 9, restartAfterMs: 400 }),
    crash({ process: "tm-1", when: "checkpoint-completed", nth: 22, restartAfterMs: 400 }),
  ],
  swarm: { faultsMax: 2 },
  rowKey: pairOf,
});
