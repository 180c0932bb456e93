/** NexMark q12: windows of the clock, of which only what they add up to is determined. */
import type { OutputView } from "../../properties/index.ts";
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ12, type CountedBid } from "../jobs/nexmark/batch/q12.ts";
import { q12, type BidCount } from "../jobs/nexmark/q12.ts";
import { ANY_SETTINGS, crash, scenario } from "../scenario.ts";
import { queryProperties } from "./query.ts";

/** Each bid that a window has counted, on its own. */
const countedBids: OutputView = {
  name: "counted bids",
  of: (rows) =>
    new Map([...rows].map(([sink, counts]) => [sink, (counts as BidCount[]).flatMap(bidsIn)])),
  monotone: true,
};

const bidsIn = ({ bidder, bids, startMs, endMs }: BidCount): CountedBid[] =>
  Array.from({ length: bids }, () => ({ bidder, windowMs: endMs - startMs }));

export const nexmarkQ12 = scenario({
  name: "nexmark-q12",
  why: `The clock goes on while the job is down, so windows are overdue when it comes back, and
    must fire though no bid wakes them. Whichever windows count them, each bid must be counted
    once: by one that fires twice, or that ends with the input and is dropped, it is not.`,
  job: q12(),
  input: drawNexmark(["bids"]),
  options: { taskManagers: 2, slotsPerTaskManager: 1 },
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 4, restartAfterMs: 1_500 }),
    crash({ process: "tm-1", when: "checkpoint-completed", nth: 9, restartAfterMs: 700 }),
  ],
  swarm: { free: ANY_SETTINGS },
  properties: queryProperties(evaluateQ12, countedBids),
});
