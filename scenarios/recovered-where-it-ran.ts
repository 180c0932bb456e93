/** Tasks are restored from copies on the disks of their machines, some of which are no longer the same. */
import { drawLines } from "./data/lines.ts";
import { crowdedWords, nameOf } from "./jobs/crowded-words.ts";
import { crash, loseDisk, scenario } from "./scenario.ts";

export const recoveredWhereItRan = scenario({
  name: "recovered-where-it-ran",
  why: `A task that starts again where it ran takes its state from the copy that it kept there, and has
    to see whether that is what the checkpoint says: the machine may be another one by now, with
    nothing on its disk, or with files that have their old names and lengths and are damaged.`,
  job: crowdedWords("recovered-where-it-ran", {
    ...{ intervalMs: 400, unaligned: true, localRecovery: true },
  }),
  input: (random) => drawLines(random, { linesMin: 40, linesMax: 70, overMs: 8_000 }),
  // As many slots as tasks: whoever dies is waited for, and gets the same tasks again.
  options: { taskManagers: 3, slotsPerTaskManager: 1 },
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 2, restartAfterMs: 300 }),
    loseDisk({
      ...{ process: "tm-1", when: "checkpoint-completed", nth: 4 },
      ...{ restartAfterMs: 300, left: "damaged" },
    }),
    loseDisk({ process: "tm-2", when: "checkpoint-completed", nth: 6, restartAfterMs: 300 }),
  ],
  swarm: { faultsMax: 4 },
  rowKey: nameOf,
});
