/** Answers come at once, and then wait for room for longer than any of them was given time. */
import { drawNumberedLines } from "./data/numbered-lines.ts";
import { orderOf, patientEnrichment } from "./jobs/enrichment.ts";
import { scenario, slowLink } from "./scenario.ts";

/** Ten times as long as the service ever takes. */
const TIMEOUT_MS = 200;

export const answersWait = scenario({
  name: "answers-wait",
  why: `An answer that has come in time counts, however long back-pressure keeps it from being put
    out. A time-out that does not look whether its question was answered meanwhile would put out
    that there is no answer, in its place or beside it.`,
  job: patientEnrichment(TIMEOUT_MS),
  input: (random) => drawNumberedLines(random, { linesMin: 80, overMs: 9_000 }),
  options: {
    taskManagers: 2,
    slotsPerTaskManager: 1,
    bufferBytes: 64,
    creditsPerChannel: 1,
    services: {
      latency: { minUs: 500, maxUs: 10_000, tailPerMille: 0, tailUs: 1 },
      timeoutPerMille: 0,
      failPerMille: 0,
      doublePerMille: 100,
    },
  },
  // What waits is the way from task to task. Who stands still itself may well find, back again, that time
  // has run out before it finds the answer: so nothing here is paused, or slow to think.
  faults: [
    slowLink({ from: "tm-0", to: "tm-1", atMs: 2_000, forMs: 900, extraMs: 700 }),
    slowLink({ from: "tm-1", to: "tm-0", atMs: 4_000, forMs: 900, extraMs: 700 }),
    slowLink({ from: "tm-0", to: "tm-1", atMs: 6_000, forMs: 900, extraMs: 700 }),
  ],
  swarm: { weights: { "slow-link": 6, crash: 2, "lose-control": 2 } },
  rowKey: orderOf,
});
