/**
 * Counts words by their first letter, in objects that it gets from state and changes in place.
 *
 *   lines --> words --hash(first letter)--> tallies --> ledger "index"
 *
 * Each word goes out with its own count so far, and each letter with that of all its words. Nothing
 * is written back: what state gives out is what it stores, as the engine promises.
 */
import {
  WatermarkStrategy,
  job,
  ledger,
  logSource,
  mapState,
  memoryBackend,
  types,
  valueState,
  type Collector,
  type KeyedContext,
  type KeyedProcessFunction,
  type LogicalGraph,
  type MapState,
  type RuntimeContext,
  type ValueState,
} from "../../src/index.ts";
import { LINES_OUT_OF_ORDER_MS_MAX, LINES_TOPIC, wordsOf } from "./word-count.ts";

/** `word` is empty in the row of the letter as a whole. */
export type IndexEntry = Readonly<{ letter: string; word: string; count: number }>;

/** The key of a row for rules about order: the counts of one entry come in order. */
export const entryOf = (row: unknown): string => {
  const { letter, word } = row as IndexEntry;
  return `${letter} ${word}`;
};

type Tally = { count: number };

const tallyType = types.record({ count: types.long });

class TallyWords implements KeyedProcessFunction<string, string, IndexEntry> {
  #all!: ValueState<Tally>;
  #byWord!: MapState<string, Tally>;

  open(context: RuntimeContext): void {
    this.#all = context.getState(valueState("all", tallyType));
    this.#byWord = context.getMapState(mapState("by-word", types.string, tallyType));
  }

  processElement(word: string, context: KeyedContext<string>, out: Collector<IndexEntry>): void {
    const letter = context.key;
    const all = this.#all.value();
    if (all === undefined) this.#all.update({ count: 1 });
    else all.count++;
    out.collect({ letter, word: "", count: all?.count ?? 1 });
    const own = this.#byWord.get(word);
    if (own === undefined) this.#byWord.put(word, { count: 1 });
    else own.count++;
    out.collect({ letter, word, count: own?.count ?? 1 });
  }
}

export function letterIndex(): LogicalGraph {
  return job("letter-index", (env) => {
    env.enableCheckpointing({ intervalMs: 500 });
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
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
      .keyBy((word) => word.slice(0, 1), types.string)
      .process(() => new TallyWords())
      .returns(types.record({ letter: types.string, word: types.string, count: types.long }))
      .uid("tally")
      .sinkTo(ledger("index"))
      .uid("sink");
  });
}
