/**
 * Runs a user's function over two streams without keys, one watermark for both (C80).
 *
 * Not here: all but where records come in (`subtask-function-operator.ts`).
 */
import { CurrentRecord } from "./current-record.ts";
import type { CoProcessFunction } from "./functions.ts";
import type { TwoInputOperator } from "./operator.ts";
import { SubtaskFunctionOperator } from "./subtask-function-operator.ts";

export class CoProcessOperator<L, R, O>
  extends SubtaskFunctionOperator<CoProcessFunction<L, R, O>, L, O>
  implements TwoInputOperator<L, R>
{
  protected readonly current = new CurrentRecord(this.clocks);

  protected override first(value: L, timestampMs: number): void {
    this.enter(timestampMs);
    this.fn.processFirst(value, this.current, this.collector);
  }

  processSecond(value: R, timestampMs: number): void {
    this.enter(timestampMs);
    try {
      this.fn.processSecond(value, this.current, this.collector);
    } catch (error) {
      this.failed(error, "on record of the second input", value);
    }
  }
}
