/** Disks that have no room, no time, or no wish to give more than a few bytes. */
import { drawLines } from "./data/lines.ts";
import { concordance, pairOf } from "./jobs/concordance.ts";
import { crash, fillDisk, scenario, shortReads, slowDisk } from "./scenario.ts";

export const disksInWant = scenario({
  name: "disks-in-want",
  why: `What a disk refuses has to stay in memory until its task is stopped, or state is gone that a
    checkpoint would have had; what it brings in pieces has to be asked for to the end; and a task
    that waits for it holds up barriers, but none of the others of its process.`,
  job: concordance({ name: "disks-in-want" }),
  input: (random) => drawLines(random, { linesMin: 60, linesMax: 110 }),
  options: {
    taskManagers: 2,
    slotsPerTaskManager: 2,
    disk: { latency: { minUs: 20, maxUs: 400, tailPerMille: 5, tailUs: 60_000 } },
    store: {
      latency: { minUs: 5_000, maxUs: 80_000, tailPerMille: 30, tailUs: 600_000 },
      timeoutPerMille: 10,
    },
  },
  faults: [
    shortReads({ process: "tm-1", atMs: 0, forMs: 9_000, perMille: 300 }),
    slowDisk({
      ...{ process: "tm-1", when: "checkpoint-triggered", nth: 3 },
      ...{ forMs: 1_500, accessMs: 400, perMille: 100 },
    }),
    fillDisk({ process: "tm-0", when: "checkpoint-completed", nth: 3, forMs: 800 }),
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 6, restartAfterMs: 300 }),
  ],
  swarm: {
    faultsMax: 4,
    weights: { crash: 1, "fill-disk": 3, "slow-disk": 3, "short-reads": 1 },
  },
  rowKey: pairOf,
});
