/** The world of stories so small that all orders of what happens in them can be tried. */
import type { Random } from "../../src/index.ts";
import type { Input, InputRecord } from "../../sim/history.ts";
import type { Latency, RunOptions } from "../../sim/plan.ts";
import { TINY_TOPIC } from "../jobs/tiny.ts";

const steady = (us: number): Latency => ({ minUs: us, maxUs: us, tailPerMille: 0, tailUs: 0 });
const WORDS = ["ship", "whale"];
const PARTITIONS = 2;
const RECORDS = 2;
const FIRST_MS = 150;
const EVERY_MS = 150;
const LATER_MS = 40;

/** One record in front of the first barrier, one behind it, in each partition. */
function drawWords(random: Random): Input {
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) =>
    Array.from({ length: RECORDS }, (_unused, i): InputRecord => {
      const atMs = FIRST_MS + i * EVERY_MS + partition * LATER_MS;
      return { value: random.pick(WORDS), timestampMs: atMs, availableAtMs: atMs };
    }),
  );
  return new Map([[TINY_TOPIC, partitions]]);
}

const TINY_WORLD: Partial<RunOptions> = {
  taskManagers: 2,
  slotsPerTaskManager: 1,
  bufferBytes: 64,
  creditsPerChannel: 2,
  stepElementsMax: 16,
  bufferTimeoutMs: 5,
  heartbeatMs: 1_000,
  heartbeatTimeoutMs: 3_000,
  network: steady(400),
  control: { lossPerMille: 0, duplicatePerMille: 0, latency: steady(600) },
  store: { latency: steady(1_000), timeoutPerMille: 0 },
  ledger: { latency: steady(1_000), timeoutPerMille: 0 },
  log: { latency: steady(1_000), timeoutPerMille: 0, readRecordsMax: 10 },
  permuteTies: false,
};

/** What all of them have in common. */
export const TINY_STORY = {
  input: drawWords,
  swarm: { faultsMax: 2 },
  options: TINY_WORLD,
  quietAfterMs: 4_000,
} as const;
