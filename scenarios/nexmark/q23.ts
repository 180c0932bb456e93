/** NexMark q23: three streams, joined by two joins, one behind the other. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ23 } from "../jobs/nexmark/batch/q23.ts";
import { q23 } from "../jobs/nexmark/q23.ts";
import { ANY_SETTINGS, crash, scenario } from "../scenario.ts";
import { queryProperties } from "./query.ts";

export const nexmarkQ23 = scenario({
  name: "nexmark-q23",
  why: `What the first join has put out is state of the second. If the two are restored from
    different moments, what lay between them counts twice, or never, with each auction that the
    seller opens later.`,
  job: q23(),
  // Every bid of a seller meets all auctions of theirs: rows grow faster than events.
  input: drawNexmark(["persons", "auctions", "bids"], { eventsMin: 200, eventsMax: 300 }),
  options: {
    taskManagers: 3,
    log: {
      latency: { minUs: 500, maxUs: 30_000, tailPerMille: 120, tailUs: 900_000 },
      timeoutPerMille: 10,
      readRecordsMax: 10,
    },
  },
  faults: [
    crash({ process: "tm-0", when: "alignment-started", nth: 4, restartAfterMs: 700 }),
    crash({ process: "tm-1", when: "checkpoint-completed", nth: 9, restartAfterMs: 700 }),
  ],
  swarm: { free: ANY_SETTINGS },
  properties: queryProperties(evaluateQ23),
});
