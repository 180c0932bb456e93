/** State that is changed where it lies, while a snapshot of it is still being written. */
import { drawLines } from "./data/lines.ts";
import { entryOf, letterIndex } from "./jobs/letter-index.ts";
import { crash, scenario } from "./scenario.ts";

export const changedInPlace = scenario({
  name: "changed-in-place",
  why: `A function reads an object from state and changes it without writing it back, and the ledger
    is so slow that snapshots wait for it while records go on. What they change after the barrier
    must not be in the snapshot, or those records count twice after the next failure.`,
  job: letterIndex(),
  input: (random) => drawLines(random),
  options: {
    ledger: {
      latency: { minUs: 20_000, maxUs: 150_000, tailPerMille: 20, tailUs: 600_000 },
      timeoutPerMille: 10,
    },
  },
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 3, restartAfterMs: 600 }),
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 7, restartAfterMs: 600 }),
  ],
  swarm: { faultsMax: 2 },
  rowKey: entryOf,
});
