/**
 * The smallest job that has all there is to a checkpoint: barriers that come on two channels, state,
 * and transactions.
 *
 *   words (2 readers) --hash(word)--> running count (1) --> ledger "counts"
 */
import {
  WatermarkStrategy,
  job,
  ledger,
  logSource,
  memoryBackend,
  types,
  type LogicalGraph,
} from "../../src/index.ts";
import { RunningCount } from "./word-count.ts";

export { wordOf } from "./word-count.ts";

export const TINY_TOPIC = "words";
const INTERVAL_MS = 250;

export function tiny(): LogicalGraph {
  return job("tiny", (env) => {
    env.enableCheckpointing({ intervalMs: INTERVAL_MS });
    env.setStateBackend(memoryBackend());
    env.setParallelism(1);
    env
      .fromSource(
        logSource({ topic: TINY_TOPIC, type: types.string }),
        WatermarkStrategy.forMonotonousTimestamps(),
        "words",
      )
      .uid("words")
      .setParallelism(2)
      .keyBy((word) => word, types.string)
      .process(() => new RunningCount())
      .returns(types.record({ word: types.string, count: types.long }))
      .uid("count")
      .sinkTo(ledger("counts"))
      .uid("sink");
  });
}
