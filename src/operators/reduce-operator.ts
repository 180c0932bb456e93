/**
 * Folds the records of each key into one, which goes out anew after every record.
 *
 * The first record of a key is its own fold. What is kept is what went out last, so with object reuse
 * whoever reads this operator must not change what it gets.
 *
 * Not here: state and keys (`keyed-process-operator.ts`), `sum` and its like (`field-reducers.ts`).
 */
import { valueState, type ValueState } from "../state/state.ts";
import type { TypeSerializer } from "../types/type.ts";
import type {
  Collector,
  KeyedContext,
  KeyedProcessFunction,
  KeySelector,
  ReduceFunction,
  RuntimeContext,
} from "./functions.ts";
import { KeyedProcessOperator } from "./keyed-process-operator.ts";
import type { Output } from "./operator.ts";

export type ReduceConfig<K, T> = Readonly<{
  key: KeySelector<T, K>;
  keyType: TypeSerializer<K>;
  reduce: ReduceFunction<T>;
  type: TypeSerializer<T>;
}>;

export class ReduceOperator<K, T> extends KeyedProcessOperator<K, T, T> {
  constructor({ key, keyType, reduce, type }: ReduceConfig<K, T>, output: Output<T>) {
    super({ key, keyType, create: () => new RunningFold(reduce, type) }, output);
  }
}

class RunningFold<K, T> implements KeyedProcessFunction<K, T, T> {
  readonly #reduce: ReduceFunction<T>;
  readonly #type: TypeSerializer<T>;
  #folded!: ValueState<T>;

  constructor(reduce: ReduceFunction<T>, type: TypeSerializer<T>) {
    this.#reduce = reduce;
    this.#type = type;
  }

  open(context: RuntimeContext): void {
    this.#folded = context.getState(valueState("folded", this.#type));
  }

  processElement(value: T, _context: KeyedContext<K>, out: Collector<T>): void {
    const before = this.#folded.value();
    const reduce = this.#reduce;
    const folded = before === undefined ? value : reduce(before, value);
    this.#folded.update(folded);
    out.collect(folded);
  }
}
