/** NexMark q11: sessions of bidders. */
import { inOrderPerKey } from "../../properties/index.ts";
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ11 } from "../jobs/nexmark/batch/q11.ts";
import { bidderOf, q11 } from "../jobs/nexmark/q11.ts";
import { ANY_SETTINGS, crash, scenario } from "../scenario.ts";
import { queryProperties } from "./query.ts";

export const nexmarkQ11 = scenario({
  name: "nexmark-q11",
  why: `A bid may bridge two sessions, and many lie just on the bound. Sessions that merge take their
    counts and timers along; one that is forgotten in the old place, or restored there, counts its
    bids in a session of their own.`,
  job: q11(),
  input: drawNexmark(["bids"]),
  faults: [crash({ process: "tm-0", when: "checkpoint-completed", nth: 5, restartAfterMs: 700 })],
  swarm: { free: ANY_SETTINGS },
  properties: [...queryProperties(evaluateQ11), inOrderPerKey(bidderOf)],
});
