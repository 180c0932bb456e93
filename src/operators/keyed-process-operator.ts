/**
 * Runs a user's function over a keyed stream, with state and timers under the key of the record or
 * timer in hand.
 *
 * Not here: all but where records come in (`keyed-function-operator.ts`).
 */
import type { TypeSerializer } from "../types/type.ts";
import { CurrentKey } from "./current-key.ts";
import type { KeyedProcessFunction, KeySelector } from "./functions.ts";
import { KeyedFunctionOperator } from "./keyed-function-operator.ts";
import type { Output } from "./operator.ts";

export type KeyedProcessConfig<K, I, O> = Readonly<{
  key: KeySelector<I, K>;
  keyType: TypeSerializer<K>;
  create: () => KeyedProcessFunction<K, I, O>;
}>;

export class KeyedProcessOperator<K, I, O> extends KeyedFunctionOperator<
  K,
  KeyedProcessFunction<K, I, O>,
  I,
  O
> {
  protected readonly current = new CurrentKey(this.core);
  readonly #key: KeySelector<I, K>;

  constructor({ key, keyType, create }: KeyedProcessConfig<K, I, O>, output: Output<O>) {
    super(keyType, create, output);
    this.#key = key;
  }

  protected override first(value: I, timestampMs: number): void {
    const selectKey = this.#key;
    this.enter(selectKey(value), timestampMs);
    this.fn.processElement(value, this.current, this.collector);
  }
}
