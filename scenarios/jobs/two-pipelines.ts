/**
 * Two word counts in one job that have nothing to do with one another: no channel joins them.
 *
 *   "lines"   --> words --hash--> running count --> ledger "counts"     on three subtasks
 *   "letters" --> words --hash--> running count --> ledger "mentions"   on one
 */
import {
  WatermarkStrategy,
  job,
  ledger,
  logSource,
  restartStrategy,
  types,
  valueState,
  type Collector,
  type LogicalGraph,
  type RuntimeContext,
  type StreamEnvironment,
  type ValueState,
} from "../../src/index.ts";
import { LINES_TOPIC, wordsOf } from "./word-count.ts";

export const LETTERS_TOPIC = "letters";

class RunningCount {
  #count!: ValueState<number>;

  open(context: RuntimeContext): void {
    this.#count = context.getState(valueState("count", types.long));
  }

  processElement(
    word: string,
    _context: unknown,
    out: Collector<{ word: string; count: number }>,
  ): void {
    const count = (this.#count.value() ?? 0) + 1;
    this.#count.update(count);
    out.collect({ word, count });
  }
}

function countWords(env: StreamEnvironment, topic: string, sink: string, parallelism: number) {
  env.setParallelism(parallelism);
  env
    .fromSource(logSource({ topic, type: types.string }), WatermarkStrategy.none(), topic)
    .uid(topic)
    .flatMap((line, out: Collector<string>) => wordsOf(line).forEach((w) => out.collect(w)))
    .returns(types.string)
    .uid(`${topic}-words`)
    .keyBy((word) => word, types.string)
    .process(() => new RunningCount(), types.record({ word: types.string, count: types.long }))
    .uid(`${topic}-count`)
    .sinkTo(ledger(sink))
    .uid(sink);
}

export const twoPipelines = (): LogicalGraph =>
  job("two-pipelines", (env) => {
    env.enableCheckpointing({ intervalMs: 600 });
    env.setRestartStrategy(
      restartStrategy.exponentialDelay({ delayMs: 100, delayMsMax: 1_000, resetAfterMs: 5_000 }),
    );
    countWords(env, LINES_TOPIC, "counts", 3);
    countWords(env, LETTERS_TOPIC, "mentions", 1);
  });
