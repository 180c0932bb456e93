/** Sinks keep no keyed state: what a checkpoint holds of such under their uid is another operator's. */
import type { OperatorUid } from "../core/ids.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import { StateIncompatibleError } from "../state/state-backend.ts";

/** @throws StateIncompatibleError where there is some: unread, it would be lost */
export function refuseKeyedState(uid: OperatorUid, state: readonly OperatorSnapshot[]): void {
  if (state.every(({ keyed, timers, native }) => keyed.length + timers.length === 0 && !native)) {
    return;
  }
  throw new StateIncompatibleError(
    `sink "${uid}": the checkpoint holds keyed state under its uid; ` +
      "give the operator that wrote it this uid, or start without the checkpoint",
  );
}
