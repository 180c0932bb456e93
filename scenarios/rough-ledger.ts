/** A ledger that refuses commits which are fine, takes its time over them, and takes requests twice. */
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import {
  ANY_SETTINGS,
  crash,
  ledgerDoubles,
  ledgerRefusesCommits,
  ledgerSlowCommits,
  scenario,
} from "./scenario.ts";

export const roughLedger = scenario({
  name: "rough-ledger",
  why: `"Try again" is what the ledger says of a commit, whether it has carried it out or not. Whoever
    takes that for a yes loses rows; for a no, puts them out again. Commits take longer than the
    next checkpoint does, and requests arrive twice, the second one behind whatever came later.`,
  job: wordCount({ name: "rough-ledger", parallelism: 2, intervalMs: 500 }),
  input: (random) => drawLines(random, { linesMin: 100, linesMax: 160 }),
  faults: [
    ledgerRefusesCommits({ when: "checkpoint-completed", nth: 2, count: 2 }),
    ledgerRefusesCommits({ when: "checkpoint-completed", nth: 4, count: 3, committed: true }),
    ledgerDoubles({ when: "checkpoint-completed", nth: 5, forMs: 4_000, perMille: 700 }),
    ledgerSlowCommits({ when: "checkpoint-completed", nth: 7, forMs: 1_500, extraMs: 1_500 }),
    crash({ process: "tm-1", when: "checkpoint-completed", nth: 6, restartAfterMs: 400 }),
  ],
  options: { taskManagers: 2, slotsPerTaskManager: 2 },
  swarm: { free: ANY_SETTINGS, faultsMax: 2 },
  quietAfterMs: 14_000,
  rowKey: wordOf,
});
