/** Connections of which one end does not know that they are gone, and links that stall. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { narrowLink, resetConnection, scenario, swizzleClog } from "./scenario.ts";

export const halfOpen = scenario({
  name: "half-open",
  why: `Data connections break though every message gets through, and one end goes on as if they were
    whole: what it sends is lost. Links are too narrow for what is sent, or stall and go on one by
    one, so that what arrives is seconds old. No record may be lost, none counted twice, and nobody
    may wait for an end that is gone.`,
  job: wordCount({
    name: "half-open",
    parallelism: 2,
    intervalMs: 500,
    timeoutMs: 3_000,
    // A job that starts over since its checkpoints fail would hide that nobody has seen why.
    tolerableFailures: 1_000,
  }),
  input: (random) => drawLines(random),
  options: { taskManagers: 2, slotsPerTaskManager: 1, heartbeatMs: 200, heartbeatTimeoutMs: 1_200 },
  faults: [
    resetConnection({ from: "tm-0", to: "tm-1", when: "checkpoint-completed", nth: 2, forMs: 900 }),
    narrowLink({
      from: "tm-1",
      to: "tm-0",
      when: "checkpoint-triggered",
      nth: 5,
      forMs: 1_500,
      bytesPerMs: 1,
    }),
    swizzleClog({
      when: "checkpoint-triggered",
      nth: 8,
      processes: ["jm", "tm-1"],
      restored: ["tm-1", "jm"],
      forMs: 2_000,
    }),
    resetConnection({ from: "tm-1", to: "tm-0", when: "checkpoint-completed", nth: 9 }),
  ],
  swarm: {
    faultsMax: 4,
    weights: { "reset-connection": 4, "narrow-link": 2, "swizzle-clog": 2, pause: 1 },
  },
  rowKey: wordOf,
});
