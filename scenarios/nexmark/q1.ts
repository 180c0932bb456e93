/** NexMark q1: one function between a source and a sink. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ1 } from "../jobs/nexmark/batch/q1.ts";
import { q1 } from "../jobs/nexmark/q1.ts";
import { ANY_SETTINGS, cutLink, scenario } from "../scenario.ts";
import { queryProperties } from "./query.ts";

export const nexmarkQ1 = scenario({
  name: "nexmark-q1",
  why: `Every bid is converted on its way. A task manager that is cut off goes on converting and
    writing while another one already does its work; what it wrote must not count beside that.`,
  job: q1(),
  input: drawNexmark(["bids"]),
  faults: [cutLink({ from: "tm-0", to: "jm", when: "checkpoint-completed", nth: 3, forMs: 4_000 })],
  swarm: { free: ANY_SETTINGS },
  properties: queryProperties(evaluateQ1),
});
