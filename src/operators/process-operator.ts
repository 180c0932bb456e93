/**
 * Runs a user's function over a stream without keys.
 *
 * Not here: all but where records come in (`subtask-function-operator.ts`).
 */
import { CurrentRecord } from "./current-record.ts";
import type { ProcessFunction } from "./functions.ts";
import { SubtaskFunctionOperator } from "./subtask-function-operator.ts";

export class ProcessOperator<I, O> extends SubtaskFunctionOperator<ProcessFunction<I, O>, I, O> {
  protected readonly current = new CurrentRecord(this.clocks);

  protected override first(value: I, timestampMs: number): void {
    this.enter(timestampMs);
    this.fn.processElement(value, this.current, this.collector);
  }
}
