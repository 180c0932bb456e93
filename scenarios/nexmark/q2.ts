/** NexMark q2: few rows of many records. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ2 } from "../jobs/nexmark/batch/q2.ts";
import { q2 } from "../jobs/nexmark/q2.ts";
import { ANY_SETTINGS, crash, scenario } from "../scenario.ts";
import { queryProperties } from "./query.ts";

export const nexmarkQ2 = scenario({
  name: "nexmark-q2",
  why: `Few bids pass, so that some checkpoints have transactions without rows. The position in the
    log moves on all the same, and a restore must not take back what such a checkpoint settled.`,
  job: q2(),
  input: drawNexmark(["bids"]),
  faults: [crash({ when: "snapshot-stored", nth: 6, restartAfterMs: 500 })],
  swarm: { free: ANY_SETTINGS },
  properties: queryProperties(evaluateQ2),
});
