/** A table whose writes arrive twice, the second time behind those that were to take their place. */
import { standardProperties, tableView } from "../properties/index.ts";
import { types, upserts } from "../src/index.ts";
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf, type WordCount } from "./jobs/word-count.ts";
import { crash, ledgerDoubles, ledgerReadOnly, ledgerSlowCommits, scenario } from "./scenario.ts";

const TABLE = "counts";

export const rowsArriveTwice = scenario({
  name: "rows-arrive-twice",
  why: `Every answer is a yes, and comes in time; yet what was written is written once more, long
    after newer rows have taken its place. Nothing has failed, so nothing that is on its guard
    only behind a failure helps: a count that goes back stays so.`,
  job: wordCount({
    name: "rows-arrive-twice",
    parallelism: 2,
    intervalMs: 500,
    target: upserts(TABLE, {
      key: ({ word }: WordCount) => word,
      keyType: types.string,
      guarantee: "at-least-once",
    }),
  }),
  input: (random) => drawLines(random, { linesMin: 100, linesMax: 160, overMs: 8_000 }),
  faults: [
    ledgerDoubles({ atMs: 0, forMs: 11_000, perMille: 600 }),
    ledgerReadOnly({ when: "checkpoint-completed", nth: 3, forMs: 700 }),
    ledgerSlowCommits({ when: "checkpoint-completed", nth: 4, forMs: 700, extraMs: 500 }),
    crash({
      process: "tm-0",
      when: "checkpoint-completed",
      nth: 5,
      afterMs: 100,
      restartAfterMs: 400,
    }),
  ],
  options: {
    taskManagers: 2,
    slotsPerTaskManager: 2,
    ledger: {
      latency: { minUs: 500, maxUs: 20_000, tailPerMille: 0, tailUs: 0 },
      timeoutPerMille: 0,
    },
  },
  swarm: { faultsMax: 1, weights: { crash: 2, pause: 1, "slow-link": 1 } },
  properties: standardProperties({ view: tableView({ [TABLE]: wordOf }) }),
});
