/** A ledger that has given up what a completed checkpoint counts on: the one loss nothing can mend. */
import { standardProperties } from "../properties/index.ts";
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { ledgerExpires, scenario } from "./scenario.ts";

export const transactionsExpire = scenario({
  name: "transactions-expire",
  why: `Transactions that a completed checkpoint holds as pre-committed are given up by the ledger
    before anybody has committed them. Their rows are gone. A job that takes the refusal for a
    commit goes on with a hole in its output; one that restarts for ever says nothing either. It
    has to fail, and say why.`,
  job: wordCount({ name: "transactions-expire", parallelism: 2, intervalMs: 900 }),
  // So dense that hardly a checkpoint is without rows.
  input: (random) => drawLines(random, { linesMin: 220, linesMax: 260 }),
  // The first of them that finds rows is the end of the job.
  faults: [2, 3, 4, 5, 6].map((nth) => ledgerExpires({ when: "checkpoint-completed", nth })),
  swarm: { faultsMax: 1 },
  // However long other faults hold checkpoints up, the last one is struck as well.
  quietAfterMs: 30_000,
  properties: standardProperties({
    rowKey: wordOf,
    failsWith: "has expired",
    // Where the job begins so late that one checkpoint has all of it, there is no second one to wait for.
    failsOf: "ledger-expires",
  }),
});
