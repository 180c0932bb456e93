/** Sinks whose transactions are committed by another operator than the one that wrote them. */
import { ledger } from "../src/index.ts";
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { crash, ledgerTimeouts, scenario } from "./scenario.ts";

export const committedByAnother = scenario({
  name: "committed-by-another",
  why: `Two writers hand their transactions to one committer, and know no more of them. Whoever
    restarts first must neither fence off what the other is about to commit, nor commit what the
    writer has never finished; and the last rows of all still have to be committed at the end.`,
  job: wordCount({
    name: "committed-by-another",
    parallelism: 2,
    intervalMs: 400,
    target: ledger("counts", { committer: { parallelism: 1 } }),
  }),
  input: (random) => drawLines(random),
  options: { taskManagers: 3, slotsPerTaskManager: 1 },
  faults: [
    crash({ when: "transaction-pre-committed", nth: 3, restartAfterMs: 400 }),
    // Completed, and nobody has been told: the successor has to commit it.
    crash({ process: "jm", when: "checkpoint-completed", nth: 4, restartAfterMs: 600 }),
    crash({ when: "transaction-committed", nth: 7, restartAfterMs: 300 }),
    ledgerTimeouts({ when: "checkpoint-completed", nth: 8, forMs: 900, perMille: 600 }),
  ],
  swarm: { faultsMax: 4 },
  rowKey: wordOf,
});
