/** Task managers that come back, and cannot make durable how often they have. */
import { drawLines } from "./data/lines.ts";
import { crowdedWords, nameOf } from "./jobs/crowded-words.ts";
import { crash, failSync, scenario } from "./scenario.ts";

export const numbersOfLives = scenario({
  name: "numbers-of-lives",
  why: `A task manager numbers its lives, so that what it said in a former one is told from what it
    says now. A number whose sync has failed is gone with the next crash, though the file can be
    read until then and another sync of it succeeds: used all the same, it is used twice.`,
  job: crowdedWords("numbers-of-lives", { intervalMs: 400 }),
  input: (random) => drawLines(random, { linesMin: 40, linesMax: 60, overMs: 6_000 }),
  options: { taskManagers: 3, slotsPerTaskManager: 2 },
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 2, restartAfterMs: 300 }),
    failSync({ process: "tm-0", when: "checkpoint-completed", nth: 2 }),
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 4, restartAfterMs: 100 }),
  ],
  swarm: { faultsMax: 4, weights: { crash: 3, "fail-sync": 3, pause: 1 } },
  rowKey: nameOf,
});
