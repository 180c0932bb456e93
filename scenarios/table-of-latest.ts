/** A table that keeps the latest of each key, and takes what it is given by the epoch. */
import { types, upserts } from "../src/index.ts";
import { epochsAreDurable, standardProperties, tableView } from "../properties/index.ts";
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf, type WordCount } from "./jobs/word-count.ts";
import { ANY_SETTINGS, crash, ledgerTimeouts, scenario } from "./scenario.ts";

const LATEST = "latest";

export const tableOfLatest = scenario({
  name: "table-of-latest",
  why: `The rows of an epoch wait in the checkpoint until it is complete, and enter the table at
    once. After a restart nobody knows which have entered; the table does. Who puts an old epoch on
    top of a newer one, or skips one that is missing, leaves counts that nothing will ever mend.`,
  job: wordCount({
    name: "table-of-latest",
    parallelism: 2,
    intervalMs: 400,
    target: upserts(LATEST, { key: ({ word }: WordCount) => word, keyType: types.string }),
  }),
  input: (random) => drawLines(random),
  options: { taskManagers: 3, slotsPerTaskManager: 1 },
  faults: [
    // Completed, and nobody has been told: whoever comes next has to put it into the table.
    crash({ process: "jm", when: "checkpoint-completed", nth: 3, restartAfterMs: 500 }),
    crash({ when: "transaction-committed", nth: 5, restartAfterMs: 300 }),
    ledgerTimeouts({ when: "checkpoint-completed", nth: 7, forMs: 1_000, perMille: 700 }),
    crash({ when: "checkpoint-acknowledged", nth: 20, restartAfterMs: 400 }),
  ],
  swarm: { free: ANY_SETTINGS, faultsMax: 4 },
  properties: [...standardProperties({ view: tableView({ [LATEST]: wordOf }) }), epochsAreDurable],
});
