/** NexMark q9: two streams that share state, with a timer for each auction. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ9 } from "../jobs/nexmark/batch/q9.ts";
import { q9 } from "../jobs/nexmark/q9.ts";
import { ANY_SETTINGS, crash, scenario } from "../scenario.ts";
import { queryProperties } from "./query.ts";

export const nexmarkQ9 = scenario({
  name: "nexmark-q9",
  why: `An auction, its bids and the timer that ends it are kept for one key by two streams. Whichever
    of them a restore loses, a winner is missing or another one wins; bids that came before their
    auction are the easiest to lose.`,
  job: q9(),
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
  properties: queryProperties(evaluateQ9),
});
