/** NexMark q5: sliding windows, and windows over what comes out of them. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ5 } from "../jobs/nexmark/batch/q5.ts";
import { q5 } from "../jobs/nexmark/q5.ts";
import { ANY_SETTINGS, crash, scenario } from "../scenario.ts";
import { queryProperties } from "./query.ts";

export const nexmarkQ5 = scenario({
  name: "nexmark-q5",
  why: `Every bid is in five windows, and what a window counts has to reach the window that compares
    before the watermark does. A count that comes late, or is one bid off, names other auctions.`,
  job: q5(),
  input: drawNexmark(["bids"]),
  faults: [crash({ when: "snapshot-taken", nth: 15, restartAfterMs: 700 })],
  swarm: { free: ANY_SETTINGS },
  properties: queryProperties(evaluateQ5),
});
