/**
 * The committing half of a two-phase commit: committables come in from writers, are kept in state, and
 * are committed once a checkpoint is complete that covers them.
 *
 *   held, filed under n --some m >= n is complete--> due --commit confirmed--> gone
 *        \--restored from m < n--> forgotten: its writer does it again
 *
 * One commit is under way at a time, the oldest that is due. A time-out leaves the outcome open; the same
 * commit is asked for again, and commits that come twice do no harm. What the ledger refuses is lost
 * output: nothing here may go on as if it had been committed.
 *
 * CM1  A commit follows the completion of the checkpoint it is filed under, or of a later one (C97).
 * CM2  What was held in the restored checkpoint is committed before a checkpoint is acknowledged (C98), so
 *      that those of one producer are committed in order, whoever has been given them.
 * CM3  A completion is settled once nothing is held that it covers (C101).
 * CM4  Nothing is ever aborted here (C99).
 *
 * Of a checkpoint that lets barriers or records overtake, a committable may come behind the completion of
 * what it is filed under, or sit in a snapshot that it is not part of. The first is due at once, the
 * second is forgotten on a restore: the fence of its writer has aborted it.
 *
 * Source: in Flink, CommitterOperator and CommittableCollector.
 * Not here: `writer-transactions.ts` (who writes), `sink-transactions.ts` (both in one subtask).
 */
import { present, unreachable } from "../core/assert.ts";
import type { CheckpointId } from "../core/ids.ts";
import type { Step } from "../core/machine.ts";
import type { Committable, HeldCommittables } from "./committable.ts";
import {
  acknowledge,
  answered,
  ask,
  askedAgain,
  ignored,
  over,
  settle,
  timedOut,
  type Asking,
  type ProtocolEffect,
  type ProtocolEvent,
  type Settled,
} from "./sink-protocol.ts";

/** `checkpointId`: whose completion it follows; 0: the end of a job that takes no checkpoints. */
export type CommitRequest = Readonly<{ committable: Committable; checkpointId: number }>;

/** Covers whatever is held. */
const AT_THE_END = Number.MAX_SAFE_INTEGER;

export type CommitterState = Asking<CommitRequest> &
  Readonly<{
    /** Restored ones first, then in order of arrival. */
    held: readonly Committable[];
    /** So many of the first ones were restored. */
    restored: number;
    /** All filed under this id or a lower one may be committed; below 0: none. */
    completed: number;
    unacknowledged: readonly CheckpointId[];
    unsettled: readonly CheckpointId[];
  }>;

export type CommitterEvent =
  | ProtocolEvent
  | Readonly<
      | { kind: "committable"; committable: Committable }
      | { kind: "completed"; checkpointId: CheckpointId }
      | { kind: "refused"; why: string }
    >;

export type CommitterEffect =
  | ProtocolEffect<CommitRequest>
  | Settled
  | Readonly<{ kind: "committed"; request: CommitRequest } | { kind: "fail"; why: string }>;
type CommitterStep = Step<CommitterState, CommitterEffect>;

/** @param given all that this subtask was given of the checkpoint; nothing for a job that starts afresh */
export function startCommitter(given: readonly HeldCommittables[]): CommitterStep {
  const held = given.flatMap(({ checkpointId, committables }) =>
    committables.filter(({ filedUnder }) => filedUnder <= checkpointId),
  );
  const state: CommitterState = {
    phase: "running",
    held,
    restored: held.length,
    completed: Math.max(-1, ...given.map(({ checkpointId }) => checkpointId)),
    request: undefined,
    tries: 0,
    unacknowledged: [],
    unsettled: [],
  };
  return goOn(state, []);
}

/** What a checkpoint holds of this committer, right after the barrier's event: a part a producer. */
export function heldCommittables(
  { held }: CommitterState,
  checkpointId: CheckpointId,
): readonly HeldCommittables[] {
  const producers = [...new Set(held.map(({ producer }) => producer))].sort();
  return producers.map((producer) => ({
    checkpointId,
    committables: held.filter((committable) => committable.producer === producer),
  }));
}

export function onCommitterEvent(state: CommitterState, event: CommitterEvent): CommitterStep {
  if (state.phase === "over") return ignored(state);
  switch (event.kind) {
    case "committable":
      return goOn({ ...state, held: [...state.held, event.committable] }, []);
    case "barrier":
      return goOn({ ...state, unacknowledged: [...state.unacknowledged, event.checkpointId] }, []);
    case "completed":
      return goOn(onCompleted(state, event.checkpointId), []);
    case "confirmed":
      return onConfirmed(state);
    case "timed-out":
      return timedOut(state);
    case "retry-due":
      return askedAgain(state);
    case "refused":
      return { state: over(state), effects: [{ kind: "fail", why: event.why }] };
    case "finish":
      return goOn({ ...state, phase: "finished" }, []);
    case "close":
      return { state: over(state), effects: [] };
    default:
      return unreachable(event);
  }
}

/** Id 0: the job takes no checkpoints and has finished, so its end is what commits. */
function onCompleted(state: CommitterState, checkpointId: CheckpointId): CommitterState {
  const atTheEnd = checkpointId === 0 && state.phase === "finished";
  return {
    ...state,
    completed: atTheEnd ? AT_THE_END : Math.max(state.completed, checkpointId),
    unsettled: [...state.unsettled, checkpointId],
  };
}

function onConfirmed(state: CommitterState): CommitterStep {
  const request = present(state.request, () => "a confirmation without a request");
  const held = state.held.filter((each) => each !== request.committable);
  // The oldest that is due is a restored one as long as there are any: all of those are due.
  const restored = Math.max(0, state.restored - 1);
  return goOn(answered({ ...state, held, restored }), [{ kind: "committed", request }]);
}

/** After every event: tell what has become true, and make the next request if none is under way. */
function goOn(state: CommitterState, effects: readonly CommitterEffect[]): CommitterStep {
  const acknowledged = acknowledge({ state, effects }, () => state.restored === 0); // CM2
  const settled = settle(acknowledged, (checkpointId) => !holdsOf(state, checkpointId)); // CM3
  return ask(settled, nextCommit);
}

/** Id 0 covers all. */
const holdsOf = ({ held }: CommitterState, checkpointId: CheckpointId): boolean =>
  held.some(({ filedUnder }) => checkpointId === 0 || filedUnder <= checkpointId);

/** CM1: the newest completion is proof for all before it. */
function nextCommit({ held, completed }: CommitterState): CommitRequest | undefined {
  const committable = held.find(({ filedUnder }) => filedUnder <= completed);
  return committable === undefined
    ? undefined
    : { committable, checkpointId: completed === AT_THE_END ? 0 : completed };
}
