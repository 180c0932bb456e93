/** A job that trusts no timestamp but its own: event time begins in the middle of it. */
import type { Random } from "../src/index.ts";
import type { Input, InputRecord } from "../sim/history.ts";
import { arrivals } from "./data/arrivals.ts";
import {
  meterReadings as meterReadingsJob,
  OUT_OF_ORDER_MS_MAX,
  READINGS_TOPIC,
  type Signal,
} from "./jobs/meter-readings.ts";
import type { WindowSum } from "./jobs/windowed-sum.ts";
import { anySettingsBut, crash, scenario } from "./scenario.ts";

const PARTITIONS = 3;
const SENDING_FOR_MS = 9_000;
/** What the log says, and what its watermarks say: an hour after the meters. */
const SENT_AFTER_MS = 3_600_000;

function drawReadings(random: Random): Input {
  const meters = Array.from({ length: random.integer(5, 30) }, (_, i) => `meter-${i}`);
  const partitions = Array.from({ length: PARTITIONS }, (_, p): InputRecord[] => {
    const draws = random.fork(`partition-${p}`);
    const times = arrivals(draws.fork("arrivals"), draws.integer(150, 400), SENDING_FOR_MS);
    return times.map((ms) => {
      const measuredAtMs = ms - draws.integer(0, OUT_OF_ORDER_MS_MAX);
      const meter = draws.pick(meters);
      const reading: Signal = {
        kind: "reading",
        meter,
        measuredAtMs,
        watts: draws.integer(1, 999),
      };
      const value: Signal = draws.chance(200) ? { kind: "alive" } : reading;
      return { value, timestampMs: ms + SENT_AFTER_MS, availableAtMs: ms };
    });
  });
  return new Map([[READINGS_TOPIC, partitions]]);
}

/** The seconds of one meter come in their order. */
const meterOf = (row: unknown): string => (row as WindowSum).name;

export const meterReadings = scenario({
  name: "meter-readings",
  why: `Upstream's watermarks are an hour ahead of the time that a job finds in its records. One that
    slips past the operator which assigns that time makes every record behind it late, and late
    records are left out: the sums would be too small, most of all right after a restore.`,
  job: meterReadingsJob(PARTITIONS),
  input: drawReadings,
  options: { taskManagers: 3, slotsPerTaskManager: 1 },
  faults: [
    crash({ process: "tm-1", when: "checkpoint-completed", nth: 4, restartAfterMs: 700 }),
    crash({ process: "tm-0", when: "alignment-started", nth: 8, restartAfterMs: 700 }),
  ],
  // With more partitions than subtasks, event time has no bound on its disorder.
  swarm: { free: anySettingsBut("parallelism") },
  rowKey: meterOf,
});
