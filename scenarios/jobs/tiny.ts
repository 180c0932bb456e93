/**
 * The smallest job that has all there is to a checkpoint: barriers that come on two channels, state,
 * and transactions.
 *
 *   words (2 readers) --hash(word)--> running count (1) --> sink
 */
import {
  WatermarkStrategy,
  job,
  ledger,
  logSource,
  memoryBackend,
  types,
  type CheckpointOptions,
  type LedgerSpec,
  type LogicalGraph,
  type StateBackend,
  type TableSpec,
} from "../../src/index.ts";
import { RunningCount, type WordCount } from "./word-count.ts";

export { wordOf } from "./word-count.ts";

export const TINY_TOPIC = "words";
const INTERVAL_MS = 250;

export type TinyOptions = Partial<CheckpointOptions> &
  Readonly<{
    name: string;
    backend?: StateBackend;
    /** Default: the ledger "counts". */
    target?: LedgerSpec | TableSpec<WordCount>;
  }>;

export function tiny({
  name,
  backend = memoryBackend(),
  target = ledger("counts"),
  ...checkpoints
}: TinyOptions): LogicalGraph {
  return job(name, (env) => {
    env.enableCheckpointing({ intervalMs: INTERVAL_MS, ...checkpoints });
    env.setStateBackend(backend);
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
      .sinkTo(target)
      .uid("sink");
  });
}
