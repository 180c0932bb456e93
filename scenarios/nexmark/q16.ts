/** NexMark q16: distinct counts by channel and day. */
import { drawNexmark } from "../data/nexmark.ts";
import { evaluateQ16 } from "../jobs/nexmark/batch/q16.ts";
import { q16 } from "../jobs/nexmark/q16.ts";
import { ANY_SETTINGS, crash, scenario } from "../scenario.ts";
import { tableProperties } from "./query.ts";

export const nexmarkQ16 = scenario({
  name: "nexmark-q16",
  why: `Groups are many and small, and most of them rest for long. One that is restored empty
    begins anew with its next bid, and takes back nothing: so the table has two rows of one
    channel and day.`,
  job: q16(),
  input: drawNexmark(["bids"]),
  options: { taskManagers: 2, slotsPerTaskManager: 1 },
  faults: [
    crash({ process: "tm-1", when: "checkpoint-completed", nth: 4, restartAfterMs: 700 }),
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 7, restartAfterMs: 700 }),
  ],
  swarm: { free: ANY_SETTINGS },
  properties: tableProperties(evaluateQ16),
});
