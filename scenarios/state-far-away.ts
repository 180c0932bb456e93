/** State in the object store, of which a subtask has next to nothing at hand. */
import { remoteBackend } from "../src/index.ts";
import { drawLines } from "./data/lines.ts";
import { concordance, pairOf, SMALL_FILES } from "./jobs/concordance.ts";
import { crash, scenario } from "./scenario.ts";

export const stateFarAway = scenario({
  name: "state-far-away",
  why: `A record waits until the state of its key has come, and all behind it wait as well: what
    is held meanwhile must be neither lost, nor overtaken, nor missing from a checkpoint whose
    barrier overtakes what waits in the channels. A file that is away is in no other place than
    the store, and one that goes before a completed checkpoint has it is gone for good.`,
  job: concordance({
    name: "state-far-away",
    unaligned: true,
    backend: remoteBackend({ ...SMALL_FILES, memtableBytes: 600, localBytes: 3_000 }),
  }),
  input: (random) => drawLines(random, { linesMin: 60, linesMax: 140 }),
  options: {
    taskManagers: 3,
    slotsPerTaskManager: 2,
    store: {
      latency: { minUs: 500, maxUs: 8_000, tailPerMille: 20, tailUs: 200_000 },
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
