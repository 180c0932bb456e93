/** State that belongs to subtasks instead of keys: dealt out, shared, and the same everywhere. */
import type { Random } from "../src/index.ts";
import type { Input, InputRecord } from "../sim/history.ts";
import { arrivals } from "./data/arrivals.ts";
import {
  meterOf,
  READINGS_TOPIC,
  tariffs as tariffsJob,
  TARIFFS_TOPIC,
  type Reading,
  type Tariff,
} from "./jobs/tariffs.ts";
import { ANY_SETTINGS, crash, scenario } from "./scenario.ts";

const OVER_MS = 9_000;

/** Of one tariff there is one, whatever its partition: no two begin at the same time. */
function drawTariffs(random: Random): InputRecord[][] {
  const partitions = random.integer(1, 2);
  const count = random.integer(20, 60);
  return Array.from({ length: partitions }, (_, p) =>
    Array.from({ length: count }, (_unused, i): InputRecord => {
      const ms = Math.floor((i * OVER_MS) / count) + p;
      const tariff: Tariff = { fromMs: ms, cents: random.integer(1, 50) };
      return { value: tariff, timestampMs: ms, availableAtMs: ms };
    }),
  );
}

/** A meter reports to one partition, and at any time once. */
function drawReadings(random: Random): InputRecord[][] {
  return Array.from({ length: random.integer(1, 3) }, (_, p) => {
    const draws = random.fork(`partition-${p}`);
    const meters = Array.from({ length: draws.integer(5, 20) }, (_unused, i) => `m-${p}-${i}`);
    const times = new Set(arrivals(draws.fork("arrivals"), draws.integer(80, 200), OVER_MS));
    return [...times].map((ms): InputRecord => {
      const reading: Reading = {
        meter: draws.pick(meters),
        atMs: ms,
        units: draws.integer(1, 9),
      };
      return { value: reading, timestampMs: ms, availableAtMs: ms };
    });
  });
}

const draw = (random: Random): Input =>
  new Map([
    [TARIFFS_TOPIC, drawTariffs(random.fork("tariffs"))],
    [READINGS_TOPIC, drawReadings(random.fork("readings"))],
  ]);

export const tariffs = scenario({
  name: "tariffs",
  why: `What a subtask keeps for itself has no key to bring it back to its owner. A list that is dealt
    out twice doubles records, a union that is written back whole grows with every restart, and
    tariffs that one subtask has lost are wrong for its readings alone. Restarts with
    checkpoints in between must leave each charge as it would have been.`,
  job: tariffsJob(),
  input: draw,
  options: { taskManagers: 2, slotsPerTaskManager: 1 },
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 2, restartAfterMs: 300 }),
    crash({ process: "tm-1", when: "checkpoint-completed", nth: 4, restartAfterMs: 300 }),
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 6, restartAfterMs: 300 }),
  ],
  swarm: { free: ANY_SETTINGS },
  rowKey: meterOf,
});
