/** A job that wants only what is new, on partitions that say nothing for a long time. */
import type { Random } from "../src/index.ts";
import type { Input, InputRecord } from "../sim/history.ts";
import { VISITS_TOPIC, greetVisitors, visitOf } from "./jobs/greet-visitors.ts";
import { crash, scenario } from "./scenario.ts";

/** By now the job has settled where to begin, whatever requests timed out meanwhile. */
const NEW_FROM_MS = 6_000;
const OVER_MS = 10_000;

/** Each partition has a past, then a long silence, then news. */
function drawNews(random: Random): Input {
  const partitions = Array.from({ length: random.integer(3, 6) }, (_, p): InputRecord[] => {
    const draws = random.fork(`partition-${p}`);
    const user = () => `user-${draws.integer(0, 30)}`;
    const past = Array.from({ length: draws.integer(1, 30) }, (_, i): InputRecord => {
      return { value: user(), timestampMs: i, availableAtMs: 0 };
    });
    const times = Array.from({ length: draws.integer(5, 60) }, () =>
      draws.integer(NEW_FROM_MS, OVER_MS),
    ).sort((a, b) => a - b);
    const news = times.map((ms): InputRecord => {
      return { value: user(), timestampMs: ms, availableAtMs: ms };
    });
    return [...past, ...news];
  });
  return new Map([[VISITS_TOPIC, partitions]]);
}

export const onlyTheNew = scenario({
  name: "only-the-new",
  why: `"The latest" means another offset whenever it is asked for. Where it is asked again after a
    failure, what came in between is read by nobody; so the first answer must be in the checkpoint,
    though no record was read, and a subtask that had no partition must not ask for itself.`,
  job: greetVisitors({
    name: "only-the-new",
    start: { kind: "latest" },
    discoveryMs: 0,
    intervalMs: 300,
    recordsPerSecondMax: 40,
  }),
  input: drawNews,
  options: { taskManagers: 3, slotsPerTaskManager: 2 },
  faults: [
    // The news begin while a task manager is down: nobody has read one of them yet.
    crash({ process: "tm-0", atMs: NEW_FROM_MS - 200, restartAfterMs: 900 }),
    crash({ process: "tm-1", atMs: 7_800, restartAfterMs: 700 }),
    crash({ process: "jm", atMs: 9_200, restartAfterMs: 500 }),
  ],
  swarm: { faultsMax: 0 },
  rowKey: visitOf,
});
