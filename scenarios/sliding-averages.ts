/** Windows that overlap, windows that count, and what their triggers remember. */
import type { Random } from "../src/index.ts";
import type { Input, InputRecord } from "../sim/history.ts";
import { arrivals } from "./data/arrivals.ts";
import {
  OUT_OF_ORDER_MS_MAX,
  READINGS_TOPIC,
  sensorOf,
  slidingAverages as slidingAveragesJob,
  type Reading,
} from "./jobs/sliding-averages.ts";
import { ANY_SETTINGS, crash, scenario } from "./scenario.ts";

const OVER_MS = 12_000;
const STEP_MS_MAX = 60;

/** A sensor lives in one partition. Event time begins before 1970. */
function drawReadings(random: Random): Input {
  const partitions = Array.from({ length: random.integer(1, 3) }, (_, p) =>
    drawPartition(random.fork(`partition-${p}`), p),
  );
  return new Map([[READINGS_TOPIC, partitions]]);
}

function drawPartition(draws: Random, partition: number): InputRecord[] {
  const sensors = Array.from({ length: draws.integer(1, 5) }, (_, i) => `${partition}-${i}`);
  const count = draws.integer(100, 220);
  let eventMs = -2_000;
  const readings = Array.from({ length: count }, (_, i) => {
    eventMs += draws.integer(0, STEP_MS_MAX);
    const reading: Reading = {
      sensor: draws.pick(sensors),
      timestampMs: eventMs,
      value: draws.integer(-50, 50),
    };
    return { reading, heldUntilMs: eventMs + draws.integer(0, OUT_OF_ORDER_MS_MAX), i };
  });
  const times = arrivals(draws.fork("arrivals"), count, OVER_MS);
  return readings
    .sort((a, b) => a.heldUntilMs - b.heldUntilMs || a.i - b.i)
    .map(({ reading }, i) => ({
      value: reading,
      timestampMs: reading.timestampMs,
      availableAtMs: times[i]!,
    }));
}

export const slidingAverages = scenario({
  name: "sliding-averages",
  why: `A reading is in several windows at once, and in windows that go by counts alone. A count that
    is lost shifts every later row; a content that is kept though it was purged, or purged though
    it was to be kept, shows in the sums; a window that is begun twice shows as two rows.`,
  job: slidingAveragesJob(),
  input: drawReadings,
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 3, restartAfterMs: 800 }),
    crash({ when: "alignment-started", nth: 12, restartAfterMs: 800 }),
  ],
  swarm: { free: ANY_SETTINGS },
  rowKey: sensorOf,
});
