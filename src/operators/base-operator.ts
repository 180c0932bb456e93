/**
 * What an operator does when it has nothing of its own to do: pass time on, keep nothing, wait for
 * nothing. Operators extend it and say only where they differ.
 *
 * Not here: operators with state (`keyed-core.ts` is what they are composed of), and the sink.
 */
import type { CheckpointId } from "../core/ids.ts";
import { ok, type Result } from "../core/result.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import type { SnapshotRequest } from "../state/state-backend.ts";
import type { Operator, OperatorContext, Output, PendingOperatorSnapshot } from "./operator.ts";

const NOTHING: PendingOperatorSnapshot = { keyed: undefined, timers: [], operatorState: [] };

export abstract class BaseOperator<I, O> implements Operator<I> {
  protected readonly output: Output<O>;

  constructor(output: Output<O>) {
    this.output = output;
  }

  get available(): boolean {
    return true;
  }

  abstract open(context: OperatorContext, state: readonly OperatorSnapshot[]): void;

  abstract processElement(value: I, timestampMs: number): void;

  processWatermark(watermarkMs: number): void {
    this.output.emitWatermark(watermarkMs);
  }

  processStatus(idle: boolean): void {
    this.output.emitStatus(idle);
  }

  advanceProcessingTime(_nowMs: number): number | undefined {
    return undefined;
  }

  prepareBarrier(_checkpointId: CheckpointId): void {}

  snapshot(
    _checkpointId: CheckpointId,
    done: (result: Result<undefined, string>) => void,
    request?: SnapshotRequest,
  ): PendingOperatorSnapshot {
    const pending = this.takeSnapshot(request);
    done(ok(undefined));
    return pending;
  }

  /** For operators that need nobody's word to confirm their snapshot. */
  protected takeSnapshot(_request?: SnapshotRequest): PendingOperatorSnapshot {
    return NOTHING;
  }

  checkpointCompleted(_checkpointId: CheckpointId, done: () => void): void {
    done();
  }

  checkpointAborted(_checkpointId: CheckpointId): void {}

  finish(): boolean {
    return true;
  }

  close(): void {}
}
