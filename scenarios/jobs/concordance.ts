/**
 * A concordance: of every word how often it was seen, and what came next to it.
 *
 *   lines --> pairs (word, next) --hash(word)--> concordance --> ledger "concordance"
 *
 * Every word that was ever seen stays in state, some changed in place, much of it removed again: pairs
 * are dropped at their third time, and a page of neighbours whenever it is full. It is written on a disk
 * whose files hold a handful of entries each, so that everything that can be merged is.
 */
import {
  WatermarkStrategy,
  diskBackend,
  job,
  ledger,
  listState,
  logSource,
  mapState,
  types,
  valueState,
  type CheckpointOptions,
  type Collector,
  type KeyedContext,
  type KeyedProcessFunction,
  type ListState,
  type LogicalGraph,
  type MapState,
  type RuntimeContext,
  type StateBackend,
  type ValueState,
} from "../../src/index.ts";
import { LINES_OUT_OF_ORDER_MS_MAX, LINES_TOPIC, wordsOf } from "./word-count.ts";

type Pair = Readonly<{ word: string; next: string }>;

/** `next` is empty where all of a word is counted, and "page" where its pages are. */
export type ConcordanceRow = Readonly<{ word: string; next: string; count: number }>;

/** The key of a row for rules about order: the counts of one pair come in order. */
export const pairOf = (row: unknown): string => {
  const { word, next } = row as ConcordanceRow;
  return `${word} ${next}`;
};

/** A pair is forgotten when it has been seen so often. */
const SEEN_MAX = 3;
const PAGE_WORDS = 5;

const pairType = types.record({ word: types.string, next: types.string });
const rowType = types.record({ word: types.string, next: types.string, count: types.long });
const tallyType = types.record({ count: types.long, pages: types.long });

class Concordance implements KeyedProcessFunction<string, Pair, ConcordanceRow> {
  #tally!: ValueState<{ count: number; pages: number }>;
  #next!: MapState<string, number>;
  #page!: ListState<string>;

  open(context: RuntimeContext): void {
    this.#tally = context.getState(valueState("tally", tallyType));
    this.#next = context.getMapState(mapState("next", types.string, types.long));
    this.#page = context.getListState(listState("page", types.string));
  }

  processElement(
    { word, next }: Pair,
    _context: KeyedContext<string>,
    out: Collector<ConcordanceRow>,
  ): void {
    const tally = this.#tally.value() ?? { count: 0, pages: 0 };
    if (tally.count === 0) this.#tally.update(tally);
    tally.count++;
    out.collect({ word, next: "", count: tally.count });
    const seen = (this.#next.get(next) ?? 0) + 1;
    if (seen === SEEN_MAX) this.#next.remove(next);
    else this.#next.put(next, seen);
    out.collect({ word, next, count: seen });
    this.#page.add(next);
    if (this.#page.get().length < PAGE_WORDS) return;
    this.#page.clear();
    tally.pages++;
    out.collect({ word, next: "page", count: tally.pages });
  }
}

function pairsOf(line: string): readonly Pair[] {
  const words = wordsOf(line);
  return words.slice(1).map((next, i) => ({ word: words[i]!, next: `-${next}` }));
}

/** A handful of entries fills a memtable, and four memtables are merged. */
export const SMALL_FILES = {
  ...{ memtableBytes: 2_000, cacheBytes: 2_000, blockBytes: 200 },
  ...{ runBytes: 1_500, levelBytes: 4_000 },
} as const;

export type ConcordanceOptions = Partial<CheckpointOptions> &
  Readonly<{ name: string; backend?: StateBackend }>;

export function concordance({ name, backend, ...checkpoints }: ConcordanceOptions): LogicalGraph {
  return job(name, (env) => {
    env.enableCheckpointing({ intervalMs: 400, ...checkpoints });
    env.setStateBackend(backend ?? diskBackend(SMALL_FILES));
    env.setParallelism(3);
    env
      .fromSource(
        logSource({ topic: LINES_TOPIC, type: types.string }),
        WatermarkStrategy.forBoundedOutOfOrderness(LINES_OUT_OF_ORDER_MS_MAX),
        "lines",
      )
      .uid("lines")
      .flatMap((line, out: Collector<Pair>) => pairsOf(line).forEach((pair) => out.collect(pair)))
      .returns(pairType)
      .uid("pairs")
      .keyBy(({ word }) => word, types.string)
      .process(() => new Concordance())
      .returns(rowType)
      .uid("concordance")
      .sinkTo(ledger("concordance"))
      .uid("sink");
  });
}
