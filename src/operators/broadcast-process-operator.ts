/**
 * The broadcast state pattern: every subtask gets the whole second stream and keeps the same state by
 * it; the records of the first are dealt out, and may only read.
 *
 * BP1  Broadcast state changes in `open` and `processBroadcast` alone: whoever tries it elsewhere, by
 *      whatever handle, fails the task.
 *
 * Source: Flink's CoBroadcastWithNonKeyedOperator.
 * Not here: how a record reaches every subtask (`runtime/partitioner.ts`).
 */
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import { CurrentBroadcast } from "./current-record.ts";
import type { BroadcastProcessFunction } from "./functions.ts";
import type { OperatorContext, TwoInputOperator } from "./operator.ts";
import { SubtaskFunctionOperator } from "./subtask-function-operator.ts";

export class BroadcastProcessOperator<I, B, O>
  extends SubtaskFunctionOperator<BroadcastProcessFunction<I, B, O>, I, O>
  implements TwoInputOperator<I, B>
{
  protected readonly current = new CurrentBroadcast(this.clocks, () => this.state);

  override open(context: OperatorContext, snapshots: readonly OperatorSnapshot[]): void {
    super.open(context, snapshots);
    this.state.broadcastWritable = false;
  }

  protected override first(value: I, timestampMs: number): void {
    this.enter(timestampMs);
    this.fn.processElement(value, this.current, this.collector);
  }

  processSecond(value: B, timestampMs: number): void {
    const { state } = this;
    this.enter(timestampMs);
    state.broadcastWritable = true;
    try {
      this.fn.processBroadcast(value, this.current, this.collector);
    } catch (error) {
      this.failed(error, "on broadcast record", value);
    }
    state.broadcastWritable = false;
  }
}
