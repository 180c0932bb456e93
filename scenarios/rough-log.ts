/** A log that behaves as logs do: late, without a leader, repeating itself, and tidying up behind readers. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import {
  crash,
  logRepeats,
  logSlow,
  logTimeouts,
  logTrims,
  logUnavailable,
  scenario,
} from "./scenario.ts";

export const roughLog = scenario({
  name: "rough-log",
  why: `Batches begin before what was asked for, a partition has nobody to answer for it, and the
    log deletes what readers have told it to be behind them. A reader that takes what it has had,
    that takes silence for the end, or that tells a position which no checkpoint holds yet, reads
    twice or never again.`,
  job: wordCount({ name: "rough-log", parallelism: 2, intervalMs: 600 }),
  input: (random) => drawLines(random, { linesMin: 120, linesMax: 200 }),
  faults: [
    logUnavailable({ atMs: 0, forMs: 400, partition: 0 }),
    logRepeats({ when: "checkpoint-triggered", nth: 1, forMs: 6_000 }),
    logTimeouts({ when: "checkpoint-completed", nth: 4, forMs: 5_000, perMille: 1_000 }),
    logUnavailable({ when: "checkpoint-completed", nth: 3, forMs: 1_200, partition: 1 }),
    logSlow({ when: "checkpoint-completed", nth: 5, forMs: 1_500, extraMs: 2_500 }),
    // Right after what is told on completion, and then back to what the checkpoint holds.
    ...[2, 4, 6, 8].flatMap((nth, i) => [
      logTrims({ when: "checkpoint-completed", nth, afterMs: 250 }),
      crash({
        process: `tm-${i % 2}`,
        when: "checkpoint-completed",
        nth,
        afterMs: 270,
        restartAfterMs: 300,
      }),
    ]),
  ],
  options: { taskManagers: 2, slotsPerTaskManager: 2 },
  swarm: { faultsMax: 2 },
  rowKey: wordOf,
});
