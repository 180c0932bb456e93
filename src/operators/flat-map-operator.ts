/** One record in, any number out, each with the timestamp of the one behind it. */
import type { FlatMapFunction } from "./functions.ts";
import type { Output } from "./operator.ts";
import { OutputCollector } from "./output-collector.ts";
import { StatelessOperator } from "./stateless-operator.ts";
import { rethrow } from "./user-function-error.ts";

export class FlatMapOperator<I, O> extends StatelessOperator<I, O> {
  readonly #flatMap: FlatMapFunction<I, O>;
  readonly #collector: OutputCollector<O>;

  constructor(flatMap: FlatMapFunction<I, O>, output: Output<O>) {
    super(output);
    this.#flatMap = flatMap;
    this.#collector = new OutputCollector(output);
  }

  override processElement(value: I, timestampMs: number): void {
    const flatMap = this.#flatMap;
    this.#collector.timestampMs = timestampMs;
    try {
      flatMap(value, this.#collector);
    } catch (error) {
      rethrow(error, this.uid, "on record", value);
    }
  }
}
