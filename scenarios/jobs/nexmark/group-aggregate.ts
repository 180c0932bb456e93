/**
 * A table with one row a key, which every record of the key changes: what a query that groups without
 * windows has for an answer. What goes out is how the table changes.
 *
 * Records are folded into state, and the row is made of it anew each time, before and behind the
 * record. So what is taken back is what state says was put out: a fold that state has lost, or has
 * twice, takes back a row that is not there.
 */
import {
  aggregatingState,
  type AggregatingState,
  type AggregatingStateDescriptor,
  type Change,
  type Collector,
  type KeyedContext,
  type KeyedProcessFunction,
  type RuntimeContext,
  type TypeSerializer,
} from "../../../src/index.ts";

export type Grouping<K, T, A, R> = Readonly<{
  aggregate: AggregatingStateDescriptor<T, A, A>["aggregate"];
  /** Of the accumulator. */
  type: TypeSerializer<A>;
  row: (key: K, accumulator: A) => R;
}>;

export class GroupAggregate<K, T, A, R> implements KeyedProcessFunction<K, T, Change<R>> {
  readonly #grouping: Grouping<K, T, A, R>;
  #group!: AggregatingState<T, A>;

  constructor(grouping: Grouping<K, T, A, R>) {
    this.#grouping = grouping;
  }

  open(context: RuntimeContext): void {
    const { type, aggregate } = this.#grouping;
    this.#group = context.getAggregatingState(aggregatingState("group", type, aggregate));
  }

  processElement(value: T, { key }: KeyedContext<K>, out: Collector<Change<R>>): void {
    const { row } = this.#grouping;
    const before = this.#group.get();
    if (before !== undefined) out.collect({ op: "delete", row: row(key, before) });
    this.#group.add(value);
    out.collect({ op: "insert", row: row(key, this.#group.get()!) });
  }
}
