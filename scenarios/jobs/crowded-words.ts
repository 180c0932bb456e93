/**
 * Counts words on channels that hold next to nothing, so that most of them are on their way.
 *
 *   lines --rebalance--> words --hash(word)--> running count --> ledger "counts"
 *                            \--hash(word)--> sum by second --> ledger "sums"
 *
 * What is lost or doubled on its way shows in the counts; what a watermark has overtaken shows in the
 * sums, which leave out what is late.
 */
import {
  WatermarkStrategy,
  job,
  ledger,
  logSource,
  memoryBackend,
  types,
  type CheckpointOptions,
  type Collector,
  type LogicalGraph,
} from "../../src/index.ts";
import { WindowedSum, countedType, windowSumType, type Counted } from "./windowed-sum.ts";
import { LINES_OUT_OF_ORDER_MS_MAX, LINES_TOPIC, wordsOf } from "./word-count.ts";

/** One small buffer at a time, over a slow network: whatever is sent is on its way for long. */
export const CROWDED_WIRES = {
  bufferBytes: 64,
  creditsPerChannel: 1,
  network: { minUs: 5_000, maxUs: 40_000, tailPerMille: 10, tailUs: 200_000 },
} as const;

/** The key of a row for rules about order, in either ledger. */
export const nameOf = (row: unknown): string => (row as Counted).name;

export function crowdedWords(name: string, checkpoints: CheckpointOptions): LogicalGraph {
  return job(name, (env) => {
    env.enableCheckpointing(checkpoints);
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
    const words = env
      .fromSource(
        logSource({ topic: LINES_TOPIC, type: types.string }),
        WatermarkStrategy.forBoundedOutOfOrderness(LINES_OUT_OF_ORDER_MS_MAX),
        "lines",
      )
      .uid("lines")
      .rebalance()
      .flatMap((line, out: Collector<Counted>) =>
        wordsOf(line).forEach((word) => out.collect({ name: word, count: 1 })),
      )
      .returns(countedType)
      .setParallelism(3)
      .uid("words");
    words
      .keyBy((word) => word.name, types.string)
      .reduce((sum, word) => ({ name: sum.name, count: sum.count + word.count }))
      .uid("count")
      .sinkTo(ledger("counts"))
      .uid("counts");
    words
      .keyBy((word) => word.name, types.string)
      .process(() => new WindowedSum(), windowSumType)
      .uid("sum")
      .sinkTo(ledger("sums"))
      .uid("sums");
  });
}
