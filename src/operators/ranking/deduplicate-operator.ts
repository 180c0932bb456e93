/**
 * One record for each key: the first to arrive, or the last by event time.
 *
 * The first is told at once and never taken back, so later ones leave no trace. The last is a changelog:
 * each record that is not older than the one kept takes its place. Of two with equal times the later
 * to arrive counts as the later; a record without a time is older than all that have one.
 *
 * DD1  At every moment the changelog of "last" amounts to one row for each key seen: the one kept.
 *
 * Source: Flink SQL's deduplication (DeduplicateFunction and its kin). We differ: "first" is by
 * arrival alone.
 */
import { valueState, type ValueState } from "../../state/state.ts";
import { types } from "../../types/serializers.ts";
import type { TypeSerializer } from "../../types/type.ts";
import type {
  Collector,
  KeyedContext,
  KeyedProcessFunction,
  KeySelector,
  RuntimeContext,
} from "../functions.ts";
import type { Change } from "../join/join-spec.ts";
import { KeyedProcessOperator } from "../keyed-process-operator.ts";
import type { Output } from "../operator.ts";
import type { DeduplicateSpec } from "./ranking-spec.ts";

export type DeduplicateConfig<K, T> = Readonly<{
  key: KeySelector<T, K>;
  keyType: TypeSerializer<K>;
  spec: DeduplicateSpec<T>;
}>;

export class DeduplicateOperator<K, T> extends KeyedProcessOperator<K, T, T | Change<T>> {
  constructor({ key, keyType, spec }: DeduplicateConfig<K, T>, output: Output<T | Change<T>>) {
    const create = (): KeyedProcessFunction<K, T, T | Change<T>> =>
      spec.keep === "first" ? new FirstOfKey() : new LastOfKey(spec.type);
    super({ key, keyType, create }, output);
  }
}

class FirstOfKey<K, T> implements KeyedProcessFunction<K, T, T> {
  #seen!: ValueState<boolean>;

  open(context: RuntimeContext): void {
    this.#seen = context.getState(valueState("seen", types.boolean));
  }

  processElement(value: T, _context: KeyedContext<K>, out: Collector<T>): void {
    if (this.#seen.value() === true) return;
    this.#seen.update(true);
    out.collect(value);
  }
}

type Kept<T> = Readonly<{ row: T; timestampMs: number }>;

class LastOfKey<K, T> implements KeyedProcessFunction<K, T, Change<T>> {
  readonly #keptType: TypeSerializer<Kept<T>>;
  #kept!: ValueState<Kept<T>>;

  constructor(type: TypeSerializer<T>) {
    // A record without a time is at minus infinity, which only a double can say.
    const kept = types.record({ row: type, timestampMs: types.double });
    this.#keptType = kept as TypeSerializer<Kept<T>>;
  }

  open(context: RuntimeContext): void {
    this.#kept = context.getState(valueState("kept", this.#keptType));
  }

  processElement(row: T, { timestampMs }: KeyedContext<K>, out: Collector<Change<T>>): void {
    const kept = this.#kept.value();
    if (kept !== undefined) {
      if (timestampMs < kept.timestampMs) return;
      out.collect({ op: "delete", row: kept.row });
    }
    this.#kept.update({ row, timestampMs });
    out.collect({ op: "insert", row });
  }
}
