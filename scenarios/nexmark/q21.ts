/** NexMark q21: a filter by patterns of text. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ21 } from "../jobs/nexmark/batch/q21.ts";
import { q21 } from "../jobs/nexmark/q21.ts";
import { ANY_SETTINGS, crash, scenario } from "../scenario.ts";
import { queryProperties } from "./query.ts";

export const nexmarkQ21 = scenario({
  name: "nexmark-q21",
  why: `Nothing is kept between records. The job manager dies when a checkpoint is complete,
    and sinks have not heard of it: rows that wait for word have to be committed by whoever is
    restored, once.`,
  job: q21(),
  input: drawNexmark(["bids"]),
  faults: [crash({ process: "jm", when: "checkpoint-completed", nth: 4, restartAfterMs: 700 })],
  swarm: { free: ANY_SETTINGS },
  properties: queryProperties(evaluateQ21),
});
