/** NexMark q3: a join of tables that only grow, one side of it often far behind. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ3 } from "../jobs/nexmark/batch/q3.ts";
import { q3 } from "../jobs/nexmark/q3.ts";
import { ANY_SETTINGS, crash, scenario } from "../scenario.ts";
import { queryProperties } from "./query.ts";

export const nexmarkQ3 = scenario({
  name: "nexmark-q3",
  why: `Sellers and auctions wait in state for each other for ever, and may come in either order: a
    seller may sign up after the first auction. A row that a restore loses shows as a suggestion
    that is never made; one that is joined before and after it, as one made twice.`,
  job: q3(),
  // Of every fifty events only four are persons and auctions.
  input: drawNexmark(["persons", "auctions"], { eventsMin: 3_000, eventsMax: 4_000 }),
  options: {
    log: {
      latency: { minUs: 500, maxUs: 30_000, tailPerMille: 120, tailUs: 900_000 },
      timeoutPerMille: 10,
      readRecordsMax: 10,
    },
  },
  faults: [crash({ process: "tm-0", when: "checkpoint-completed", nth: 5, restartAfterMs: 700 })],
  swarm: { free: ANY_SETTINGS },
  properties: queryProperties(evaluateQ3),
});
