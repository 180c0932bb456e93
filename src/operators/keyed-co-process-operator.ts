/**
 * Runs a user's function over two keyed streams whose keys are of one type: both sides share state and
 * timers per key, and one watermark, the lower of the two (C80).
 *
 * Not here: all but where records come in (`keyed-function-operator.ts`).
 */
import type { TypeSerializer } from "../types/type.ts";
import { CurrentKey } from "./current-key.ts";
import type { KeyedCoProcessFunction, KeySelector } from "./functions.ts";
import { KeyedFunctionOperator } from "./keyed-function-operator.ts";
import type { Output, TwoInputOperator } from "./operator.ts";

export type KeyedCoProcessConfig<K, L, R, O> = Readonly<{
  keys: readonly [KeySelector<L, K>, KeySelector<R, K>];
  keyType: TypeSerializer<K>;
  create: () => KeyedCoProcessFunction<K, L, R, O>;
}>;

export class KeyedCoProcessOperator<K, L, R, O>
  extends KeyedFunctionOperator<K, KeyedCoProcessFunction<K, L, R, O>, L, O>
  implements TwoInputOperator<L, R>
{
  protected readonly current = new CurrentKey(this.core);
  readonly #keys: KeyedCoProcessConfig<K, L, R, O>["keys"];

  constructor({ keys, keyType, create }: KeyedCoProcessConfig<K, L, R, O>, output: Output<O>) {
    super(keyType, create, output);
    this.#keys = keys;
  }

  protected override first(value: L, timestampMs: number): void {
    const [selectKey] = this.#keys;
    this.enter(selectKey(value), timestampMs);
    this.fn.processFirst(value, this.current, this.collector);
  }

  processSecond(value: R, timestampMs: number): void {
    const [, selectKey] = this.#keys;
    try {
      this.enter(selectKey(value), timestampMs);
      this.fn.processSecond(value, this.current, this.collector);
    } catch (error) {
      this.failed(error, "on record of the second input", value);
    }
  }
}
