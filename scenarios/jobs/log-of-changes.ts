/**
 * Baskets: what visitors put in, take out and leave lying, tallied by the second.
 *
 *   items --hash(visitor)--> baskets --> ledger "baskets"
 *
 * Each kind of state is written, changed in place and deleted again, and timers clear what is over:
 *
 *   visit     a count, changed in place; cleared at every fifth item
 *   open      a map from second to tally; its timer takes the second out
 *   lying     a list of items, which the same timer shortens or clears
 *
 * No row depends on when a timer fires: a second is told once all of its items are in.
 */
import {
  WatermarkStrategy,
  changelogBackend,
  job,
  ledger,
  listState,
  logSource,
  mapState,
  memoryBackend,
  types,
  valueState,
  type Collector,
  type KeyedContext,
  type KeyedProcessFunction,
  type ListState,
  type LogicalGraph,
  type MapState,
  type RuntimeContext,
  type ValueOf,
  type ValueState,
} from "../../src/index.ts";

export const ITEMS_TOPIC = "items";
export const ITEMS_OUT_OF_ORDER_MS_MAX = 300;
const SECOND_MS = 1_000;
const VISIT_ITEMS = 5;

export const itemType = types.record({ visitor: types.string, item: types.string, ms: types.long });
type Item = ValueOf<typeof itemType>;

const rowType = types.record({ visitor: types.string, what: types.string, count: types.long });
type Row = ValueOf<typeof rowType>;

/** The key of a row for rules about order: what is told of visits, and of each second. */
export const basketRowOf = (row: unknown): string => {
  const { visitor, what } = row as Row;
  return `${visitor} ${what}`;
};

type Visit = { items: number };
type Tally = { count: number; letters: number };

class Baskets implements KeyedProcessFunction<string, Item, Row> {
  #visit!: ValueState<Visit>;
  #open!: MapState<number, Tally>;
  #lying!: ListState<Item>;

  open(context: RuntimeContext): void {
    this.#visit = context.getState(valueState("visit", types.record({ items: types.long })));
    this.#open = context.getMapState(
      mapState("open", types.long, types.record({ count: types.long, letters: types.long })),
    );
    this.#lying = context.getListState(listState("lying", itemType));
  }

  processElement(item: Item, context: KeyedContext<string>, out: Collector<Row>): void {
    const visitor = context.key;
    const visit = this.#visit.value();
    const items = (visit?.items ?? 0) + 1;
    out.collect({ visitor, what: "visit", count: items });
    if (visit === undefined) this.#visit.update({ items });
    else visit.items = items;
    if (items === VISIT_ITEMS) this.#visit.clear();

    const second = Math.floor(item.ms / SECOND_MS);
    const tally = this.#open.get(second);
    if (tally === undefined) this.#open.put(second, { count: 1, letters: item.item.length });
    else {
      tally.count++;
      tally.letters += item.item.length;
    }
    this.#lying.add(item);
    context.timers.registerEventTimeTimer((second + 1) * SECOND_MS);
  }

  onEventTimeTimer(timestampMs: number, context: KeyedContext<string>, out: Collector<Row>): void {
    const second = timestampMs / SECOND_MS - 1;
    const { count, letters } = this.#open.get(second) ?? { count: 0, letters: 0 };
    this.#open.remove(second);
    const isOver = ({ ms }: Item): boolean => Math.floor(ms / SECOND_MS) === second;
    const lying = this.#lying.get();
    const over = lying.filter(isOver).length;
    this.#lying.update(lying.filter((item) => !isOver(item)));
    const row = (what: string, found: number): void =>
      out.collect({ visitor: context.key, what: `second ${second}: ${what}`, count: found });
    row("items", count);
    row("letters", letters);
    row("lying", over);
  }
}

export type LogOfChanges = Readonly<{ name: string; materializeMs: number }>;

export function logOfChanges({ name, materializeMs }: LogOfChanges): LogicalGraph {
  return job(name, (env) => {
    env.enableCheckpointing({ intervalMs: 400 });
    env.setStateBackend(changelogBackend(memoryBackend(), { segmentBytes: 512, materializeMs }));
    env.setParallelism(2);
    env
      .fromSource(
        logSource({ topic: ITEMS_TOPIC, type: itemType }),
        WatermarkStrategy.forBoundedOutOfOrderness(ITEMS_OUT_OF_ORDER_MS_MAX),
        "items",
      )
      .uid("items")
      .keyBy(({ visitor }) => visitor, types.string)
      .process(() => new Baskets())
      .returns(rowType)
      .uid("baskets")
      .sinkTo(ledger("baskets"))
      .uid("sink");
  });
}
