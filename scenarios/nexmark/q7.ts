/** NexMark q7: a stream, and what came of the same stream, meet in one window. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ7 } from "../jobs/nexmark/batch/q7.ts";
import { q7 } from "../jobs/nexmark/q7.ts";
import { ANY_SETTINGS, crash, scenario } from "../scenario.ts";
import { queryProperties } from "./query.ts";

export const nexmarkQ7 = scenario({
  name: "nexmark-q7",
  why: `Bids wait in the windows of a join for the dearest one of the same window, which takes a
    longer way. Should the watermark of the short way do for both, the window closes too early.`,
  job: q7(),
  input: drawNexmark(["bids"]),
  faults: [crash({ when: "alignment-started", nth: 7, restartAfterMs: 600 })],
  swarm: { free: ANY_SETTINGS },
  properties: queryProperties(evaluateQ7),
});
