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
 * IB3  The checkpoints injected rise. A trigger of a newer one ends the wait for an older.
 * IB4  A checkpoint whose trigger came, and whose barrier never will, is declined, whenever that trigger
 *      comes again; one whose barrier is injected never is.
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
  /** Whose barriers are injected, ascending; the newest `INJECTED_KEPT_MAX`. */
  injected: readonly CheckpointId[];
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
  | { kind: "inject" | "decline"; checkpointId: CheckpointId }
  | { kind: "ignore"; why: "nothing-to-do" | "obsolete-trigger" }
>;
type InboxStep = Step<Inbox, InboxEffect>;

/** Far more than are under way at a time: one that is forgotten while it is would be declined. */
export const INJECTED_KEPT_MAX = 64;

export const createInbox = (): Inbox => ({
  applied: 0,
  received: [],
  passed: asCheckpointId(0),
  waiting: undefined,
  injected: [],
});

const OBSOLETE_TRIGGER = { kind: "ignore", why: "obsolete-trigger" } as const;

export function stepInbox(state: Inbox, event: InboxEvent): InboxStep {
  switch (event.kind) {
    case "assigned":
      return settle({ ...state, received: merged(state, event.items) });
    case "triggered": {
      const { checkpointId, due } = event;
      // What is applied beyond its due was held back by it, so it is over, and the news is late.
      if (checkpointId <= state.passed || due < state.applied) {
        const injected = state.injected.includes(checkpointId);
        return {
          state,
          effects: [injected ? OBSOLETE_TRIGGER : { kind: "decline", checkpointId }],
        };
      }
      const { state: next, effects } = pass(state, asCheckpointId(checkpointId - 1));
      return settle({ ...next, waiting: { checkpointId, due } }, effects);
    }
    case "over": {
      const { state: next, effects } = pass(state, event.checkpointId);
      // Whoever says so knows it of this one.
      return settle(
        next,
        effects.filter(({ checkpointId }) => checkpointId < event.checkpointId),
      );
    }
    default:
      return unreachable(event);
  }
}

type Decline = Readonly<{ kind: "decline"; checkpointId: CheckpointId }>;

/** No barrier up to this one will be injected any more (IB4). */
function pass(state: Inbox, through: CheckpointId): Readonly<{ state: Inbox; effects: Decline[] }> {
  const passed = asCheckpointId(Math.max(state.passed, through));
  const { waiting } = state;
  if (waiting === undefined || waiting.checkpointId > passed) {
    return { state: { ...state, passed }, effects: [] };
  }
  const { checkpointId } = waiting;
  return {
    state: { ...state, passed, waiting: undefined },
    effects: [{ kind: "decline", checkpointId }],
  };
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
function settle(start: Inbox, first: readonly InboxEffect[] = []): InboxStep {
  const effects = [...first];
  let state = start;
  for (;;) {
    const next = state.received[0];
    const { waiting, applied, passed } = state;
    if (waiting?.due === applied) {
      const { checkpointId } = waiting;
      assert(passed < checkpointId, () => `IB3 barrier ${checkpointId} behind ${passed}`);
      effects.push({ kind: "inject", checkpointId });
      const injected = [...state.injected, checkpointId].slice(-INJECTED_KEPT_MAX);
      state = { ...state, passed: checkpointId, waiting: undefined, injected };
    } else if (next?.number === applied + 1 && next.after <= passed) {
      effects.push({ kind: "apply", item: next });
      state = { ...state, applied: next.number, received: state.received.slice(1) };
    } else {
      if (effects.length === 0) effects.push({ kind: "ignore", why: "nothing-to-do" });
      return { state, effects };
    }
  }
}
