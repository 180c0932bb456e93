/** State on disks that change it, lose it, put it elsewhere, or bring it bit by bit. */
import { drawLines } from "./data/lines.ts";
import { concordance, pairOf } from "./jobs/concordance.ts";
import { misdirectWrites, rotDisk, scenario } from "./scenario.ts";

export const disksThatLie = scenario({
  name: "disks-that-lie",
  why: `A file of state is read again and again, and is uploaded as it is when a checkpoint wants it:
    one bit of it that has changed must fail the task and not become part of a checkpoint, which
    nobody could be restored from. Another file in its place has checksums of its own that are
    right, and holds what was true a while ago.`,
  job: concordance({ name: "disks-that-lie" }),
  input: (random) => drawLines(random, { linesMin: 60, linesMax: 110 }),
  options: {
    taskManagers: 2,
    slotsPerTaskManager: 2,
    store: {
      latency: { minUs: 5_000, maxUs: 80_000, tailPerMille: 30, tailUs: 600_000 },
      timeoutPerMille: 10,
    },
  },
  faults: [
    misdirectWrites({ process: "tm-0", when: "checkpoint-completed", nth: 2 }),
    rotDisk({ process: "tm-1", when: "checkpoint-triggered", nth: 5, count: 2 }),
  ],
  swarm: {
    faultsMax: 5,
    weights: { crash: 1, "rot-disk": 4, "misdirect-writes": 4, "short-reads": 1, "fail-sync": 1 },
  },
  rowKey: pairOf,
});
