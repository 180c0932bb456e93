/**
 * What map, filter and flat-map share: nothing to keep, nothing to wait for. Everything but
 * `processElement` is here, so that each of them is its one loop and no more.
 *
 * Not here: operators with state or timers (`keyed-process-operator.ts`), and the sink.
 */
import type { OperatorUid } from "../core/ids.ts";
import { asOperatorUid } from "../core/ids.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import { StateIncompatibleError } from "../state/state-backend.ts";
import { BaseOperator } from "./base-operator.ts";
import type { OperatorContext } from "./operator.ts";

export abstract class StatelessOperator<I, O> extends BaseOperator<I, O> {
  protected uid: OperatorUid = asOperatorUid("unopened");

  override open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    this.uid = context.uid;
    for (const snapshot of state) refuseState(snapshot, context.uid);
  }
}

/** State that nobody would read is a job that changed under its checkpoint, not "no state" (C50). */
export function refuseState(snapshot: OperatorSnapshot, uid: OperatorUid): void {
  const { keyed, timers, operatorState } = snapshot;
  if (keyed.length + timers.length + operatorState.length === 0) return;
  throw new StateIncompatibleError(
    `operator "${uid}" keeps no state, yet the checkpoint holds some under its uid; ` +
      "give the operator that wrote it this uid, or start without the checkpoint",
  );
}
