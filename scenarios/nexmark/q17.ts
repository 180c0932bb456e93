/** NexMark q17: running rows of auctions by day. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ17 } from "../jobs/nexmark/batch/q17.ts";
import { q17 } from "../jobs/nexmark/q17.ts";
import { ANY_SETTINGS, crash, ledgerTimeouts, scenario } from "../scenario.ts";
import { tableProperties } from "./query.ts";

export const nexmarkQ17 = scenario({
  name: "nexmark-q17",
  why: `Each bid takes back a row of its auction and puts out the next. If the changes of one
    checkpoint are committed twice, or not at all, the table has too many rows, or takes back
    some that are not there.`,
  job: q17(),
  input: drawNexmark(["bids"]),
  faults: [
    ledgerTimeouts({ when: "checkpoint-completed", nth: 2, forMs: 1_500 }),
    crash({ process: "tm-0", when: "transaction-pre-committed", nth: 5, restartAfterMs: 700 }),
  ],
  swarm: { free: ANY_SETTINGS },
  properties: tableProperties(evaluateQ17),
});
