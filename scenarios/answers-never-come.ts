/** A service that leaves questions open for ever, answers late, and twice. */
import { drawNumberedLines } from "./data/numbered-lines.ts";
import { enrichment, orderOf } from "./jobs/enrichment.ts";
import { crash, scenario, serviceDoubles, serviceHangs, serviceSlow } from "./scenario.ts";

export const answersNeverCome = scenario({
  name: "answers-never-come",
  why: `No answer and no error: only a clock of one's own ends the wait for a service that hangs. Answers
    that are slow come behind that of the retry, and behind those to later questions. A word must go
    out once, in its place, and a call that hangs must not hold its room for ever.`,
  job: enrichment("answers-never-come"),
  input: (random) => drawNumberedLines(random, { linesMax: 60, overMs: 8_000 }),
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 2, restartAfterMs: 400 }),
    serviceDoubles({ when: "checkpoint-completed", nth: 2, forMs: 1_500, perMille: 600 }),
    serviceSlow({ when: "checkpoint-completed", nth: 3, forMs: 1_500, extraMs: 1_200 }),
    // Behind the last crash: nothing but a time-out asks again.
    serviceHangs({ when: "checkpoint-completed", nth: 5, forMs: 1_500, perMille: 300 }),
  ],
  options: {
    taskManagers: 2,
    slotsPerTaskManager: 2,
    services: {
      latency: { minUs: 500, maxUs: 20_000, tailPerMille: 0, tailUs: 1 },
      ...{ timeoutPerMille: 0, failPerMille: 0, doublePerMille: 0 },
    },
  },
  swarm: { faultsMax: 2, weights: { crash: 3, pause: 1, "slow-link": 1, "lose-control": 2 } },
  quietAfterMs: 15_000,
  rowKey: orderOf,
});
