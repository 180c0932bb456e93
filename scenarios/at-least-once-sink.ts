/** A table that is written to as rows come, again after every failure, and must be right in the end. */
import { types, upserts } from "../src/index.ts";
import { standardProperties, tableView } from "../properties/index.ts";
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf, type WordCount } from "./jobs/word-count.ts";
import { crash, ledgerTimeouts, pause, scenario } from "./scenario.ts";

const TABLE = "counts";

export const atLeastOnceSink = scenario({
  name: "at-least-once-sink",
  why: `No transaction protects this table. Rows are written again after a failure, and what was
    given up for lost may still arrive, behind what came later: a count that went back would stay
    so. And a checkpoint that does not wait for its rows loses them without a word.`,
  job: wordCount({
    name: "at-least-once-sink",
    parallelism: 2,
    intervalMs: 400,
    target: upserts(TABLE, {
      key: ({ word }: WordCount) => word,
      keyType: types.string,
      guarantee: "at-least-once",
    }),
  }),
  input: (random) => drawLines(random),
  // One more task manager than the job needs: its work can move before the paused one is back.
  options: { taskManagers: 3, slotsPerTaskManager: 1, heartbeatMs: 200, heartbeatTimeoutMs: 1_000 },
  faults: [
    crash({ when: "snapshot-taken", nth: 9, restartAfterMs: 400 }),
    ledgerTimeouts({ when: "checkpoint-completed", nth: 4, forMs: 2_000, perMille: 500 }),
    pause({ when: "snapshot-taken", nth: 40, forMs: 2_500 }),
  ],
  swarm: { faultsMax: 4 },
  properties: standardProperties({ view: tableView({ [TABLE]: wordOf }) }),
});
