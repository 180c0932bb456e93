/**
 * What map, filter and flat-map share: nothing to keep, nothing to wait for. Everything but
 * `processElement` is here, so that each of them is its one loop and no more.
 *
 * Not here: operators with state or timers (`keyed-process-operator.ts`), and the sink.
 */
import type { CheckpointId, OperatorUid } from "../core/ids.ts";
import { asOperatorUid } from "../core/ids.ts";
import type { Result } from "../core/result.ts";
import { ok } from "../core/result.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import { StateIncompatibleError } from "../state/state-backend.ts";
import type { Operator, OperatorContext, Output, PendingOperatorSnapshot } from "./operator.ts";

const NOTHING: PendingOperatorSnapshot = { keyed: undefined, timers: [], operatorState: [] };

export abstract class StatelessOperator<I, O> implements Operator<I> {
  protected readonly output: Output<O>;
  protected uid: OperatorUid = asOperatorUid("unopened");

  constructor(output: Output<O>) {
    this.output = output;
  }

  open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    this.uid = context.uid;
    for (const snapshot of state) refuseState(snapshot, context.uid);
  }

  abstract processElement(value: I, timestampMs: number): void;

  processWatermark(watermarkMs: number): void {
    this.output.emitWatermark(watermarkMs);
  }

  advanceProcessingTime(_nowMs: number): number | undefined {
    return undefined;
  }

  prepareBarrier(_checkpointId: CheckpointId): void {}

  snapshot(
    _checkpointId: CheckpointId,
    done: (result: Result<undefined, string>) => void,
  ): PendingOperatorSnapshot {
    done(ok(undefined));
    return NOTHING;
  }

  checkpointCompleted(_checkpointId: CheckpointId, done: () => void): void {
    done();
  }

  checkpointAborted(_checkpointId: CheckpointId): void {}

  finish(): void {}

  close(): void {}
}

/** State that nobody would read is a job that changed under its checkpoint, not "no state" (C50). */
function refuseState(snapshot: OperatorSnapshot, uid: OperatorUid): void {
  const { keyed, timers, operatorState } = snapshot;
  if (keyed.length + timers.length + operatorState.length === 0) return;
  throw new StateIncompatibleError(
    `operator "${uid}" keeps no state, yet the checkpoint holds some under its uid; ` +
      "give the operator that wrote it this uid, or start without the checkpoint",
  );
}
