/** NexMark q18: the last bid of each bidder in each auction. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ18 } from "../jobs/nexmark/batch/q18.ts";
import { q18 } from "../jobs/nexmark/q18.ts";
import { ANY_SETTINGS, crash, scenario } from "../scenario.ts";
import { tableProperties } from "./query.ts";

export const nexmarkQ18 = scenario({
  name: "nexmark-q18",
  why: `Bids come out of order, so the last to come need not be the last that was made. An
    operator that goes by the order of arrival, or forgets after a restore which bid it had,
    keeps an older one.`,
  job: q18(),
  input: drawNexmark(["bids"]),
  options: {
    log: {
      latency: { minUs: 500, maxUs: 30_000, tailPerMille: 120, tailUs: 900_000 },
      timeoutPerMille: 10,
      readRecordsMax: 10,
    },
  },
  faults: [crash({ process: "tm-0", when: "checkpoint-completed", nth: 5, restartAfterMs: 700 })],
  swarm: { free: ANY_SETTINGS },
  properties: tableProperties(evaluateQ18),
});
