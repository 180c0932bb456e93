/** A log that has let go of records that nobody has read yet: nothing can bring them back. */
import { standardProperties } from "../properties/index.ts";
import { drawLines } from "./data/lines.ts";
import { wordCount, wordOf } from "./jobs/word-count.ts";
import { crash, logLoses, scenario } from "./scenario.ts";

export const logForgets = scenario({
  name: "log-forgets",
  why: `The log keeps records for less time than the job is behind, and deletes some that no
    checkpoint has behind it. A reader that goes on with the first record that is left leaves a
    hole which nobody notices; one that restarts for ever says nothing either. The job has to
    fail, and say why.`,
  job: wordCount({ name: "log-forgets", parallelism: 2, intervalMs: 900 }),
  input: (random) => drawLines(random, { linesMin: 220, linesMax: 260 }),
  // Long enough behind a checkpoint that something has come since, which the restore asks for again.
  faults: [2, 3, 4, 5].flatMap((nth, i) => [
    logLoses({ when: "checkpoint-completed", nth, afterMs: 600 }),
    crash({
      process: `tm-${i % 2}`,
      when: "checkpoint-completed",
      nth,
      afterMs: 610,
      restartAfterMs: 400,
    }),
  ]),
  options: { taskManagers: 2, slotsPerTaskManager: 2 },
  swarm: { faultsMax: 1 },
  quietAfterMs: 30_000,
  properties: standardProperties({
    rowKey: wordOf,
    failsWith: "are gone",
    failsOf: "log-loses",
  }),
});
