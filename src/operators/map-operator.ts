/** One record in, one out, with the same timestamp. */
import type { MapFunction } from "./functions.ts";
import type { Output } from "./operator.ts";
import { StatelessOperator } from "./stateless-operator.ts";
import { rethrow } from "./user-function-error.ts";

export class MapOperator<I, O> extends StatelessOperator<I, O> {
  readonly #map: MapFunction<I, O>;

  constructor(map: MapFunction<I, O>, output: Output<O>) {
    super(output);
    this.#map = map;
  }

  override processElement(value: I, timestampMs: number): void {
    const map = this.#map;
    let mapped: O;
    try {
      mapped = map(value);
    } catch (error) {
      rethrow(error, this.uid, "on record", value);
    }
    this.output.emit(mapped, timestampMs);
  }
}
