/**
 * Counts words as they come: the "hello" of streaming, and the job most stories are played on.
 *
 *   lines --> words --hash(word)--> running count --> ledger "counts"
 *
 * Every word goes out with its count so far, so that a word counted twice or lost shows in the
 * output at once. Which partition delivers first makes no difference: per word the counts are 1, 2,
 * 3, ...
 */
import {
  WatermarkStrategy,
  job,
  ledger,
  logSource,
  memoryBackend,
  types,
  valueState,
  type CheckpointOptions,
  type Collector,
  type KeyedContext,
  type KeyedProcessFunction,
  type LedgerSpec,
  type LogicalGraph,
  type RuntimeContext,
  type TableSpec,
  type ValueState,
} from "../../src/index.ts";

export const LINES_TOPIC = "lines";
/** How far a line may lag behind the latest of its partition, event time. */
export const LINES_OUT_OF_ORDER_MS_MAX = 200;

export type WordCount = Readonly<{ word: string; count: number }>;

/** Letters and apostrophes within; case does not count. Beyond ASCII, words end. */
export function wordsOf(line: string): readonly string[] {
  return line.toLowerCase().match(/[a-z]+(?:'[a-z]+)*/g) ?? [];
}

/** The key of a row for rules about order: the counts of one word come in order. */
export const wordOf = (row: unknown): string => (row as WordCount).word;

export class RunningCount implements KeyedProcessFunction<string, string, WordCount> {
  #count!: ValueState<number>;

  open(context: RuntimeContext): void {
    this.#count = context.getState(valueState("count", types.long));
  }

  processElement(word: string, _context: KeyedContext<string>, out: Collector<WordCount>): void {
    const count = (this.#count.value() ?? 0) + 1;
    this.#count.update(count);
    out.collect({ word, count });
  }
}

export type WordCountOptions = Partial<CheckpointOptions> &
  Readonly<{
    name?: string;
    parallelism?: number;
    /** Ledger "counts" by default. */
    target?: LedgerSpec | TableSpec<WordCount, string>;
  }>;

export function wordCount(options: WordCountOptions = {}): LogicalGraph {
  const {
    name = "word-count",
    parallelism = 2,
    intervalMs = 700,
    target = ledger("counts"),
    ...checkpoints
  } = options;
  return job(name, (env) => {
    env.enableCheckpointing({ intervalMs, ...checkpoints });
    env.setStateBackend(memoryBackend());
    env.setParallelism(parallelism);
    env
      .fromSource(
        logSource({ topic: LINES_TOPIC, type: types.string }),
        WatermarkStrategy.forBoundedOutOfOrderness(LINES_OUT_OF_ORDER_MS_MAX),
        "lines",
      )
      .uid("lines")
      .flatMap((line, out: Collector<string>) => wordsOf(line).forEach((w) => out.collect(w)))
      .returns(types.string)
      .uid("words")
      .keyBy((word) => word, types.string)
      .process(() => new RunningCount())
      .returns(types.record({ word: types.string, count: types.long }))
      .uid("count")
      .sinkTo(target)
      .uid("sink");
  });
}
