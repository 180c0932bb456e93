/**
 * Two-phase commit, as one subtask of a sink plays it against a transactional ledger.
 *
 * Rows between two barriers form one transaction. At barrier n it is filed under n, written out to the
 * last row and pre-committed, and only then may the subtask acknowledge n. It is committed when some
 * checkpoint from n on is known to be complete; a restore from n says that too.
 *
 *   open --barrier n--> filed under n --rows written--> pre-committed --complete m, m >= n--> gone
 *     \--close--> aborted                                    (survives its writer)
 *
 * One request is under way at a time, and the next one follows from the state alone: fence, commits
 * that are due, then the oldest transaction's writes and its pre-commit. So rows and transactions
 * reach the ledger in the order in which they arose. A time-out leaves the outcome open; the
 * same request is made again, which every one of them bears.
 *
 * TX1  Nothing is written before the older attempts of the producer are fenced off (C98).
 * TX2  A checkpoint is acknowledged only when all that is filed under it or before is pre-committed,
 *      and all that was restored is committed (C96).
 * TX3  A commit follows the completion of the checkpoint it is filed under, or a later one (C97).
 * TX4  Only the open transaction is ever aborted (C99).
 * TX5  After `finish` no transaction begins (C101).
 *
 * TX6  A producer is fenced by one subtask alone, and that one keeps all that was filed by it (C100).
 *
 * Rescaling: the state of producer k of so many is given to subtask k modulo the new parallelism, and to
 * nobody else. So a subtask fences whomever it was given, and itself in any case: where it was not given
 * its own past it has none in the checkpoint, but may have one that no checkpoint knows of. It commits all
 * it was given before its first acknowledgement, so that what is filed under a checkpoint is always of the
 * producer that filed it. An attempt with more subtasks that came to no checkpoint leaves open transactions
 * of theirs, which nobody commits and nobody fences until there are as many again.
 *
 * Source: in Flink, TwoPhaseCommitSinkFunction and CommitterOperator. We differ: ids are never reused,
 * and fencing replaces the probing of ids for transactions left behind.
 * Not here: the rows and the ledger itself (`two-phase-commit-sink.ts`), bytes (`sink-state.ts`), how
 * rows make transactions (`open-transactions.ts`), a committer of its own (`writer-transactions.ts`).
 */
import { assert, present, unreachable } from "../core/assert.ts";
import { asCheckpointId, type CheckpointId } from "../core/ids.ts";
import type { Step } from "../core/machine.ts";
import type { TransactionId } from "../host/services.ts";
import {
  begunOf,
  changed,
  isFiledBy,
  nextStep,
  sealed,
  withOwn,
  withRows,
  withWritten,
  type Transaction,
  type WriteStep,
} from "./open-transactions.ts";
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

/** What one subtask puts into a checkpoint: who wrote, and what awaits its commit. */
export type FiledTransactions = Readonly<{
  producer: string;
  /** The checkpoint that this is part of. */
  checkpointId: CheckpointId;
  filed: readonly Readonly<{ id: TransactionId; filedUnder: CheckpointId }>[];
}>;

export type LedgerRequest = Readonly<
  | { kind: "fence"; producer: string; attempt: number; keep: readonly TransactionId[] }
  | WriteStep
  | { kind: "commit"; id: TransactionId; checkpointId: CheckpointId }
>;
type Fence = Extract<LedgerRequest, { kind: "fence" }>;

export type SinkState = Asking<LedgerRequest> &
  Readonly<{
    producer: string;
    attempt: number;
    nextNumber: number;
    fences: readonly Fence[];
    /** In order of writing: restored ones, filed ones, and last the open one, if there is one. */
    transactions: readonly Transaction[];
    /** All filed under this id or a lower one may be committed; below 0: none. */
    completed: number;
    unacknowledged: readonly CheckpointId[];
    unsettled: readonly CheckpointId[];
  }>;

export type SinkEvent =
  | ProtocolEvent
  | Readonly<
      | { kind: "rows"; count: number }
      | { kind: "completed"; checkpointId: CheckpointId }
      /** `lost`: what was to be committed; nobody who is restored with it can do better. */
      | { kind: "refused"; why: string; lost?: boolean }
    >;

export type SinkEffect =
  | ProtocolEffect<LedgerRequest>
  | Settled
  | Readonly<
      /** Once, unheard: what is left open is fenced off by the next attempt anyway. */
      | { kind: "abort"; id: TransactionId }
      | { kind: "pre-committed"; id: TransactionId; checkpointId: CheckpointId }
      | { kind: "committed"; id: TransactionId; checkpointId: CheckpointId }
      | { kind: "fail"; why: string; lost: boolean }
    >;
type SinkStep = Step<SinkState, SinkEffect>;

/**
 * @param restored undefined for a job that starts afresh; else all that this subtask was given of the
 *   checkpoint, which is nothing for one that was not part of it
 */
export function startSink(
  producer: string,
  attempt: number,
  restored: readonly FiledTransactions[] | undefined,
): SinkStep {
  const nothing: FiledTransactions = { producer, checkpointId: asCheckpointId(0), filed: [] };
  const given = withOwn(restored ?? [], nothing); // TX6
  const transactions = given.flatMap(({ filed }) => filed.map(restoredTransaction));
  const state: SinkState = {
    producer,
    attempt,
    phase: "running",
    nextNumber: 1,
    fences: given.map((part) => fenceOf(part, attempt)),
    transactions,
    completed: Math.max(-1, ...(restored ?? []).map(({ checkpointId }) => checkpointId)),
    request: undefined,
    tries: 0,
    unacknowledged: [],
    unsettled: [],
  };
  return goOn(state, []);
}

const fenceOf = ({ producer, filed }: FiledTransactions, attempt: number): Fence => ({
  kind: "fence",
  producer,
  attempt,
  keep: filed.map(({ id }) => id),
});

const restoredTransaction = ({ id, filedUnder }: FiledTransactions["filed"][number]) => ({
  id,
  filedUnder,
  rows: 0,
  written: 0,
  preCommitted: true,
});

export function onSinkEvent(state: SinkState, event: SinkEvent): SinkStep {
  if (state.phase === "over") return ignored(state);
  switch (event.kind) {
    case "rows":
      assert(state.phase === "running", () => `TX5 ${event.count} rows after finish`);
      return goOn(withRows(state, event.count), []);
    case "barrier":
      return goOn(file(state, event.checkpointId), []);
    case "completed":
      return goOn(onCompleted(state, event.checkpointId), []);
    case "confirmed":
      return onConfirmed(state);
    case "timed-out":
      return timedOut(state);
    case "retry-due":
      return askedAgain(state);
    case "refused":
      return {
        state: over(state),
        effects: [{ kind: "fail", why: event.why, lost: event.lost === true }],
      };
    case "finish":
      return goOn({ ...state, phase: "finished" }, []);
    case "close":
      return onClose(state);
    default:
      return unreachable(event);
  }
}

/** What a checkpoint holds of this sink, right after the barrier's event. */
export const filedTransactions = (
  { producer, transactions }: SinkState,
  checkpointId: CheckpointId,
): FiledTransactions => ({
  producer,
  checkpointId,
  filed: transactions.flatMap(({ id, filedUnder }) =>
    filedUnder === undefined ? [] : [{ id, filedUnder }],
  ),
});

function file(state: SinkState, checkpointId: CheckpointId): SinkState {
  const filed = sealed(state, checkpointId);
  return { ...filed, unacknowledged: [...state.unacknowledged, checkpointId] };
}

/** Id 0: the job takes no checkpoints and has finished, so its end is what commits. */
function onCompleted(state: SinkState, checkpointId: CheckpointId): SinkState {
  const uncheckpointed = checkpointId === 0 && state.phase === "finished";
  const next = uncheckpointed ? sealed(state, checkpointId) : state;
  return {
    ...next,
    completed: Math.max(state.completed, checkpointId),
    unsettled: [...state.unsettled, checkpointId],
  };
}

function onConfirmed(state: SinkState): SinkStep {
  const request = present(state.request, () => "a confirmation without a request");
  const idle = answered(state);
  switch (request.kind) {
    case "fence":
      return goOn({ ...idle, fences: state.fences.slice(1) }, []);
    case "write":
      return goOn(withWritten(idle, request), []);
    case "pre-commit": {
      const { id, filedUnder } = request;
      const next = changed(idle, id, (t) => ({ ...t, preCommitted: true }));
      return goOn(next, [{ kind: "pre-committed", id, checkpointId: filedUnder }]);
    }
    case "commit": {
      const { id, checkpointId } = request;
      const transactions = state.transactions.filter((t) => t.id !== id);
      return goOn({ ...idle, transactions }, [{ kind: "committed", id, checkpointId }]);
    }
    default:
      return unreachable(request);
  }
}

function onClose(state: SinkState): SinkStep {
  // TX4: what is filed may be part of a completed checkpoint, and belongs to whoever restores it.
  const id = begunOf(state)?.id;
  return { state: over(state), effects: id === undefined ? [] : [{ kind: "abort", id }] };
}

/** After every event: tell what has become true, and make the next request if none is under way. */
function goOn(state: SinkState, effects: readonly SinkEffect[]): SinkStep {
  const acknowledged = acknowledge({ state, effects }, (checkpointId) =>
    acknowledgeable(state, checkpointId),
  );
  const settled = settle(acknowledged, (checkpointId) =>
    state.transactions.every((t) => !isFiledBy(t, checkpointId)),
  );
  return ask(settled, nextRequest);
}

/** TX2. */
function acknowledgeable(state: SinkState, checkpointId: CheckpointId): boolean {
  if (state.fences.length > 0) return false;
  return state.transactions.every((t) => {
    if (t.id.attempt !== state.attempt) return false;
    return t.preCommitted || !isFiledBy(t, checkpointId);
  });
}

function nextRequest(state: SinkState): LedgerRequest | undefined {
  const fence = state.fences[0];
  if (fence !== undefined) return fence; // TX1
  const due = state.transactions.find((t) => t.preCommitted && isFiledBy(t, state.completed));
  // TX3: the newest completion is proof for all before it.
  if (due !== undefined) {
    return { kind: "commit", id: due.id, checkpointId: state.completed as CheckpointId };
  }
  return nextStep(state.transactions);
}
