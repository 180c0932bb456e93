/**
 * One row a key that is brought up to date with every record, as a changelog: the old row goes, the new
 * one comes. In which order records meet may be up to timing; the last row of each key is not.
 *
 * The row is its own state.
 */
import {
  valueState,
  type Change,
  type Collector,
  type KeyedContext,
  type KeyedProcessFunction,
  type RuntimeContext,
  type TypeSerializer,
  type ValueState,
} from "../../../src/index.ts";

export class RunningRow<K, T, R> implements KeyedProcessFunction<K, T, Change<R>> {
  readonly #type: TypeSerializer<R>;
  readonly #next: (value: T, before: R | undefined) => R;
  #row!: ValueState<R>;

  /** @param next the row that counts the value, too; must not change the one before */
  constructor(type: TypeSerializer<R>, next: (value: T, before: R | undefined) => R) {
    this.#type = type;
    this.#next = next;
  }

  open(context: RuntimeContext): void {
    this.#row = context.getState(valueState("row", this.#type));
  }

  processElement(value: T, _context: KeyedContext<K>, out: Collector<Change<R>>): void {
    const before = this.#row.value();
    const row = this.#next(value, before);
    this.#row.update(row);
    if (before !== undefined) out.collect({ op: "delete", row: before });
    out.collect({ op: "insert", row });
  }
}
