/** Every word is looked up in a service that fails, stalls, and answers twice. */
import { drawNumberedLines } from "./data/numbered-lines.ts";
import { enrichment as enrichmentJob, orderOf } from "./jobs/enrichment.ts";
import { ANY_SETTINGS, crash, scenario, serviceTimeouts, serviceUnavailable } from "./scenario.ts";

export const enrichment = scenario({
  name: "enrichment",
  why: `Between the question and the answer a word is nowhere but in the operator that asks. If that
    dies, the word must be asked about again, once; if an answer comes twice, or together with the
    time-out, the word must go out once; and no answer may pass a watermark on its way out.`,
  job: enrichmentJob(),
  input: (random) => drawNumberedLines(random, { linesMax: 100 }),
  faults: [
    serviceTimeouts({ when: "checkpoint-completed", nth: 2, forMs: 1_500, perMille: 400 }),
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 4, restartAfterMs: 600 }),
    serviceUnavailable({ when: "checkpoint-completed", nth: 6, forMs: 700 }),
  ],
  swarm: { free: ANY_SETTINGS },
  rowKey: orderOf,
});
