/**
 * Counts words in bundles before they travel, and by window behind that.
 *
 *   words --> bundles --hash(word)--> windowed sum --> ledger "counts"
 *
 * How words fall into bundles depends on barriers and watermarks; what the bundles of one window come
 * to does not. Words of two windows are never made one, since the window is in the key.
 */
import { job, ledger, memoryBackend, types, type LogicalGraph } from "../../src/index.ts";
import { placedWords } from "./numbered-lines.ts";
import {
  countedType,
  windowEndOf,
  windowSumType,
  WindowedSum,
  type WindowSum,
} from "./windowed-sum.ts";

/** More than come between two watermarks, so that most bundles are cut short. */
const BUNDLE_RECORDS_MAX = 40;

/** The key of a row for rules about order: the windows of one word come in order. */
export const nameOf = (row: unknown): string => (row as WindowSum).name;

export function preAggregation(): LogicalGraph {
  return job("pre-aggregation", (env) => {
    env.enableCheckpointing({ intervalMs: 500 });
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
    placedWords(env)
      .bundle({
        key: ({ atMs, word }) => ({ window: windowEndOf(atMs), word }),
        keyType: types.record({ window: types.long, word: types.string }),
        recordsMax: BUNDLE_RECORDS_MAX,
        aggregate: { createAccumulator: () => 0, add: (_, count: number) => count + 1 },
        emit: ({ word }, count) => ({ name: word, count }),
        outputType: countedType,
      })
      .uid("bundle")
      .keyBy(({ name }) => name, types.string)
      .process(() => new WindowedSum(), windowSumType)
      .uid("sum")
      .sinkTo(ledger("counts"))
      .uid("counts");
  });
}
