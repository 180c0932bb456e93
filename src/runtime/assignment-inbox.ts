/**
 * Puts what the job manager says to one source subtask in order: assignments of splits and triggers of
 * checkpoints, which come late, twice, overtaken, or not at all until they are repeated.
 *
 *   trigger n, k due --fewer than k applied--> waiting --k-th applied--> inject n
 *   assignment after n --n neither passed nor over--> held back --injected or over--> applied
 *
 * IB1  Assignments are applied in the order of their numbers, each once.
 * IB2  The barrier of a checkpoint is injected behind the assignments due before it, and ahead of those
 *      made after its trigger (C104). While one is missing it is not injected: the checkpoint waits, or
 *      expires (C106).
 * IB3  The checkpoints injected rise. A trigger of a newer one ends the wait for an older, which then
 *      expires, or is dropped when the newer one is complete.
 *
 * Source: see `assignment-outbox.ts`, the other half.
 */
import { assert, unreachable } from "../core/assert.ts";
import { asCheckpointId, type CheckpointId } from "../core/ids.ts";
import type { Step } from "../core/machine.ts";
import type { NumberedAssignment } from "./assignment-outbox.ts";

export type Inbox = Readonly<{
  /** The number of the last assignment applied. */
  applied: number;
  /** Not applied yet, ascending by number. */
  received: readonly NumberedAssignment[];
  /** The barriers of checkpoints up to this one are injected, or will never count. */
  passed: CheckpointId;
  waiting: Readonly<{ checkpointId: CheckpointId; due: number }> | undefined;
}>;

export type InboxEvent = Readonly<
  | { kind: "assigned"; items: readonly NumberedAssignment[] }
  /** `due`: how many assignments come before its barrier. */
  | { kind: "triggered"; checkpointId: CheckpointId; due: number }
  /** Completed or aborted: it holds nothing back any more. */
  | { kind: "over"; checkpointId: CheckpointId }
>;

export type InboxEffect = Readonly<
  | { kind: "apply"; item: NumberedAssignment }
  | { kind: "inject"; checkpointId: CheckpointId }
  | { kind: "ignore"; why: "nothing-to-do" | "obsolete-trigger" }
>;
type InboxStep = Step<Inbox, InboxEffect>;

export const createInbox = (): Inbox => ({
  applied: 0,
  received: [],
  passed: asCheckpointId(0),
  waiting: undefined,
});

export function stepInbox(state: Inbox, event: InboxEvent): InboxStep {
  switch (event.kind) {
    case "assigned":
      return settle({ ...state, received: merged(state, event.items) });
    case "triggered": {
      const { checkpointId, due } = event;
      // What is applied beyond its due was held back by it, so it is over, and the news is late.
      if (checkpointId <= state.passed || due < state.applied) {
        return { state, effects: [{ kind: "ignore", why: "obsolete-trigger" }] };
      }
      const passed = asCheckpointId(Math.max(state.passed, checkpointId - 1));
      return settle({ ...state, passed, waiting: { checkpointId, due } });
    }
    case "over": {
      const passed = asCheckpointId(Math.max(state.passed, event.checkpointId));
      const { waiting } = state;
      const stillWaits = waiting !== undefined && waiting.checkpointId > passed;
      return settle({ ...state, passed, waiting: stillWaits ? waiting : undefined });
    }
    default:
      return unreachable(event);
  }
}

/** Of one told twice, what holds it back least is true: a checkpoint that is over stays over. */
function merged(
  { applied, received }: Inbox,
  items: readonly NumberedAssignment[],
): readonly NumberedAssignment[] {
  const byNumber = new Map(received.map((item) => [item.number, item]));
  for (const item of items) {
    if (item.number <= applied) continue;
    const known = byNumber.get(item.number);
    const freer = known === undefined || item.after < known.after;
    if (freer) byNumber.set(item.number, item);
  }
  return [...byNumber.values()].sort((a, b) => a.number - b.number);
}

/** Applies and injects all that may be. */
function settle(start: Inbox): InboxStep {
  const effects: InboxEffect[] = [];
  let state = start;
  for (;;) {
    const next = state.received[0];
    const { waiting, applied, passed } = state;
    if (waiting?.due === applied) {
      const { checkpointId } = waiting;
      assert(passed < checkpointId, () => `IB3 barrier ${checkpointId} behind ${passed}`);
      effects.push({ kind: "inject", checkpointId });
      state = { ...state, passed: checkpointId, waiting: undefined };
    } else if (next?.number === applied + 1 && next.after <= passed) {
      effects.push({ kind: "apply", item: next });
      state = { ...state, applied: next.number, received: state.received.slice(1) };
    } else {
      if (effects.length === 0) effects.push({ kind: "ignore", why: "nothing-to-do" });
      return { state, effects };
    }
  }
}
