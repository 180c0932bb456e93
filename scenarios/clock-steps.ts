/** Clocks that jump while checkpoints run out of time by theirs. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { crash, driftClock, scenario, stepClock } from "./scenario.ts";

const HOUR_MS = 3_600_000;

export const clockSteps = scenario({
  name: "clock-steps",
  why: `The wall clock of the job manager is set forward by an hour while a checkpoint is under way,
    and back later. How long a checkpoint takes, how long the pause behind it is, and when the next
    one is due are questions for the monotonic clock: no checkpoint may expire for it, and none may
    wait an hour.`,
  job: wordCount({ name: "clock-steps", parallelism: 2, intervalMs: 300, timeoutMs: 20_000 }),
  input: (random) => drawLines(random, { linesMin: 120, linesMax: 200, overMs: 8_000 }),
  options: { taskManagers: 2, slotsPerTaskManager: 1 },
  faults: [
    driftClock({ process: "tm-1", atMs: 0, ppm: -200_000, forMs: 9_000 }),
    stepClock({ process: "jm", when: "checkpoint-triggered", nth: 3, byMs: HOUR_MS, forMs: 2_500 }),
    stepClock({ process: "tm-0", when: "snapshot-taken", nth: 4, byMs: -HOUR_MS, forMs: 3_000 }),
    crash({ process: "tm-1", when: "checkpoint-completed", nth: 6, restartAfterMs: 300 }),
  ],
  swarm: {
    faultsMax: 3,
    weights: { "step-clock": 4, "drift-clock": 3, crash: 2, pause: 1, "cut-link": 1 },
  },
  rowKey: wordOf,
});
