/** Barriers that nobody waits for: nothing is lost, though some of it may be read twice. */
import {
  WatermarkStrategy,
  job,
  ledger,
  logSource,
  memoryBackend,
  types,
  type Collector,
} from "../src/index.ts";
import { drawLines } from "./data/lines.ts";
import { LINES_OUT_OF_ORDER_MS_MAX, LINES_TOPIC, wordsOf } from "./jobs/word-count.ts";
import { crash, scenario } from "./scenario.ts";

/** The first of all that are equal: whoever comes twice makes no difference, whoever is lost does. */
const pairs = job("counted-barriers", (env) => {
  env.enableCheckpointing({ intervalMs: 300, mode: "at-least-once", maxConcurrent: 2 });
  env.setStateBackend(memoryBackend());
  env.setParallelism(3);
  env
    .fromSource(
      logSource({ topic: LINES_TOPIC, type: types.string }),
      WatermarkStrategy.forBoundedOutOfOrderness(LINES_OUT_OF_ORDER_MS_MAX),
      "lines",
    )
    .uid("lines")
    .flatMap((line, out: Collector<string>) => {
      const words = wordsOf(line);
      words.forEach((word, i) => out.collect(`${word} ${words[i + 1] ?? "."} ${words.length}`));
    })
    .returns(types.string)
    .uid("pairs")
    .keyBy((pair) => pair, types.string)
    .firstOfKey()
    .uid("first")
    .sinkTo(ledger("pairs"))
    .uid("sink");
});

export const countedBarriers = scenario({
  name: "counted-barriers",
  why: `At least once: a snapshot is taken at the last barrier, with what faster channels brought
    behind theirs. That is read again after a failure, and must do no harm where only the first
    counts. Taken any earlier, it would lack what slower channels bring in front of theirs, and
    nobody reads it again.`,
  job: pairs,
  input: (random) => drawLines(random, { linesMin: 60, linesMax: 120, overMs: 8_000 }),
  options: {
    taskManagers: 3,
    slotsPerTaskManager: 3,
    network: { minUs: 1_000, maxUs: 60_000, tailPerMille: 50, tailUs: 300_000 },
  },
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 3, restartAfterMs: 500 }),
    crash({ process: "tm-1", when: "checkpoint-completed", nth: 8, restartAfterMs: 500 }),
    crash({ process: "tm-2", when: "checkpoint-completed", nth: 14, restartAfterMs: 500 }),
  ],
  swarm: { faultsMax: 3 },
});
