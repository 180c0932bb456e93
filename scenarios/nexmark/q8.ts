/** NexMark q8: two streams in one window. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ8 } from "../jobs/nexmark/batch/q8.ts";
import { q8 } from "../jobs/nexmark/q8.ts";
import { ANY_SETTINGS, crash, scenario } from "../scenario.ts";
import { queryProperties } from "./query.ts";

export const nexmarkQ8 = scenario({
  name: "nexmark-q8",
  why: `A window holds persons and auctions until both streams have passed its end, though one of them
    may be far behind the other. If it goes by the faster one, new sellers are missed; if a restore
    brings back one side only, too.`,
  job: q8(),
  // Of every fifty events only four are persons and auctions.
  input: drawNexmark(["persons", "auctions"], { eventsMin: 1_500, eventsMax: 2_500 }),
  options: {
    log: {
      latency: { minUs: 500, maxUs: 30_000, tailPerMille: 120, tailUs: 900_000 },
      timeoutPerMille: 10,
      readRecordsMax: 10,
    },
  },
  faults: [crash({ process: "tm-0", when: "checkpoint-completed", nth: 4, restartAfterMs: 700 })],
  swarm: { free: ANY_SETTINGS },
  properties: queryProperties(evaluateQ8),
});
