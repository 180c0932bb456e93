/** NexMark q4: averages of what auctions close for, brought up to date with each. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ4 } from "../jobs/nexmark/batch/q4.ts";
import { q4 } from "../jobs/nexmark/q4.ts";
import { ANY_SETTINGS, crash, scenario } from "../scenario.ts";
import { tableProperties } from "./query.ts";

export const nexmarkQ4 = scenario({
  name: "nexmark-q4",
  why: `Each sale takes back an average and puts out another. A sale that counts twice or never moves
    the average for good, and a row that is taken back twice was not there the second time.`,
  job: q4(),
  input: drawNexmark(["auctions", "bids"]),
  faults: [crash({ process: "tm-0", when: "alignment-started", nth: 6, restartAfterMs: 700 })],
  swarm: { free: ANY_SETTINGS },
  properties: tableProperties(evaluateQ4),
});
