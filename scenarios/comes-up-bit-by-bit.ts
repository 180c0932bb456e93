/** A cluster that is never there all at once: machines that join late, limp, or die once they are up. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { crash, joinLate, scenario, slowCpu } from "./scenario.ts";

export const comesUpBitByBit = scenario({
  name: "comes-up-bit-by-bit",
  why: `A task manager that the job needs joins seconds after all others; then another one dies
    again each time it has come up, so soon that its first words arrive when it is gone; and one
    is so slow that its checkpoints are late. Nobody may be left out, and no life be taken for
    another one.`,
  job: wordCount({
    name: "comes-up-bit-by-bit",
    parallelism: 3,
    intervalMs: 500,
    timeoutMs: 2_000,
  }),
  input: (random) => drawLines(random, { linesMin: 100, linesMax: 200, overMs: 10_000 }),
  options: { taskManagers: 3, slotsPerTaskManager: 1, heartbeatMs: 200, heartbeatTimeoutMs: 1_000 },
  faults: [
    joinLate({ process: "tm-2", forMs: 3_500 }),
    crash({
      process: "tm-1",
      when: "checkpoint-completed",
      nth: 2,
      restartAfterMs: 4,
      again: { times: 12, afterMs: 1 },
    }),
    slowCpu({ process: "tm-0", when: "checkpoint-completed", nth: 4, forMs: 2_500, times: 1_000 }),
  ],
  swarm: { faultsMax: 3, weights: { crash: 2, "slow-cpu": 3, "lose-control": 2 } },
  rowKey: wordOf,
});
