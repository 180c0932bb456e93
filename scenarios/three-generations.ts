/** State whose type has changed: written by one generation of a job, read by the next, and the next. */
import type { Random } from "../src/index.ts";
import type { Input, InputRecord } from "../sim/history.ts";
import { arrivals } from "./data/arrivals.ts";
import {
  threeGenerations as threeGenerationsJob,
  userOf,
  VISITS_TOPIC,
} from "./jobs/three-generations.ts";
import { crash, scenario } from "./scenario.ts";

const OVER_MS = 9_000;

/** A user visits one partition only, so that counts come in order. */
function drawVisits(random: Random): Input {
  const partitions = Array.from({ length: random.integer(1, 3) }, (_, p): InputRecord[] => {
    const draws = random.fork(`partition-${p}`);
    const users = Array.from({ length: draws.integer(3, 20) }, (_unused, i) => `user-${p}-${i}`);
    const times = arrivals(draws.fork("arrivals"), draws.integer(80, 200), OVER_MS);
    return times.map((ms) => ({ value: draws.pick(users), timestampMs: ms, availableAtMs: ms }));
  });
  return new Map([[VISITS_TOPIC, partitions]]);
}

export const threeGenerations = scenario({
  name: "three-generations",
  why: `What is read from an older type has to be written, and labelled, as the newer one. Whether it
    was shows only at the second restore after the change: with the wrong label the state cannot be
    read, or is read as something else.`,
  job: threeGenerationsJob(),
  input: drawVisits,
  options: { taskManagers: 2, slotsPerTaskManager: 1 },
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 2, restartAfterMs: 300 }),
    crash({ process: "tm-1", when: "checkpoint-completed", nth: 5, restartAfterMs: 300 }),
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 8, restartAfterMs: 300 }),
  ],
  rowKey: userOf,
});
