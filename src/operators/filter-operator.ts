/** Passes on the records that the predicate accepts, unchanged. */
import type { FilterFunction } from "./functions.ts";
import type { Output } from "./operator.ts";
import { StatelessOperator } from "./stateless-operator.ts";
import { rethrow } from "./user-function-error.ts";

export class FilterOperator<T> extends StatelessOperator<T, T> {
  readonly #accepts: FilterFunction<T>;

  constructor(accepts: FilterFunction<T>, output: Output<T>) {
    super(output);
    this.#accepts = accepts;
  }

  override processElement(value: T, timestampMs: number): void {
    const accepts = this.#accepts;
    let accepted: boolean;
    try {
      accepted = accepts(value);
    } catch (error) {
      rethrow(error, this.uid, "on record", value);
    }
    if (accepted) this.output.emit(value, timestampMs);
  }
}
