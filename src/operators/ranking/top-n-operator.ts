/**
 * The first so many rows of each key, as a changelog.
 *
 * Rows only come, none is ever taken back, so one that has been pushed out can never return: only the
 * rows in rank are kept. Equal rows are several, and take a rank each.
 *
 * TN1  The rows of a key are kept in rank: by `compare`, then by bytes, equal ones by arrival.
 * TN2  At every moment the changelog amounts to the rows in rank, and never to more than `count`.
 *
 * Source: Flink SQL's Top-N over an append-only input (AppendOnlyTopNFunction). We differ: rows that
 * compare as equal rank by their bytes, so that the answer does not depend on which came first.
 */
import { valueState, type ValueState } from "../../state/state.ts";
import { createKeyCodec, type KeyCodec } from "../../types/keys.ts";
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
import type { TopNSpec } from "./ranking-spec.ts";

export type TopNConfig<K, T> = Readonly<{
  key: KeySelector<T, K>;
  keyType: TypeSerializer<K>;
  spec: TopNSpec<T>;
}>;

export class TopNOperator<K, T> extends KeyedProcessOperator<K, T, Change<T>> {
  constructor({ key, keyType, spec }: TopNConfig<K, T>, output: Output<Change<T>>) {
    super({ key, keyType, create: () => new FirstRows(spec) }, output);
  }
}

class FirstRows<K, T> implements KeyedProcessFunction<K, T, Change<T>> {
  readonly #spec: TopNSpec<T>;
  readonly #bytes: KeyCodec<T>;
  #ranked!: ValueState<T[]>;

  constructor(spec: TopNSpec<T>) {
    this.#spec = spec;
    this.#bytes = createKeyCodec(spec.type);
  }

  open(context: RuntimeContext): void {
    this.#ranked = context.getState(valueState("ranked", types.list(this.#spec.type)));
  }

  processElement(row: T, _context: KeyedContext<K>, out: Collector<Change<T>>): void {
    const ranked = this.#ranked.value() ?? [];
    const rank = this.#rankOf(row, ranked);
    if (rank === this.#spec.count) return;
    const last = ranked.length === this.#spec.count ? ranked.pop() : undefined;
    // TN2: room first, so that there are never more rows than asked for.
    if (last !== undefined) out.collect({ op: "delete", row: last });
    ranked.splice(rank, 0, row);
    this.#ranked.update(ranked);
    out.collect({ op: "insert", row });
  }

  /** How many of the rows come before this one: equal ones do. */
  #rankOf(row: T, ranked: readonly T[]): number {
    let low = 0;
    let high = ranked.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(ranked[middle] as T, row) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(left: T, right: T): number {
    const { compare } = this.#spec;
    return compare(left, right) || this.#bytes.compare(left, right);
  }
}
