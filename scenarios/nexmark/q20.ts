/** NexMark q20: bids joined with the auctions of one category. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ20 } from "../jobs/nexmark/batch/q20.ts";
import { q20 } from "../jobs/nexmark/q20.ts";
import { ANY_SETTINGS, crash, scenario } from "../scenario.ts";
import { queryProperties } from "./query.ts";

export const nexmarkQ20 = scenario({
  name: "nexmark-q20",
  why: `A bid and its auction come by different ways, in any order, and wait for each other for
    ever. One side that a restore loses is missing from each row behind it; one that is in
    state and read again as well doubles them.`,
  job: q20(),
  input: drawNexmark(["auctions", "bids"]),
  options: {
    log: {
      latency: { minUs: 500, maxUs: 30_000, tailPerMille: 120, tailUs: 900_000 },
      timeoutPerMille: 10,
      readRecordsMax: 10,
    },
  },
  faults: [crash({ process: "tm-0", when: "checkpoint-completed", nth: 5, restartAfterMs: 700 })],
  swarm: { free: ANY_SETTINGS },
  properties: queryProperties(evaluateQ20),
});
