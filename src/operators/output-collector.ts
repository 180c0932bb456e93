/**
 * The collector that user functions see: one per operator, reused for every record, so that
 * collecting allocates nothing. What is collected carries the timestamp set before the call.
 */
import { NO_TIMESTAMP } from "../core/element.ts";
import type { Collector } from "./functions.ts";
import type { Output } from "./operator.ts";
import type { OutputTag } from "./output-tag.ts";

export class OutputCollector<T> implements Collector<T> {
  timestampMs = NO_TIMESTAMP;
  readonly #output: Output<T>;

  constructor(output: Output<T>) {
    this.#output = output;
  }

  collect(value: T): void {
    this.#output.emit(value, this.timestampMs);
  }

  side<S>(tag: OutputTag<S>, value: S): void {
    this.#output.emitSide(tag, value, this.timestampMs);
  }
}
