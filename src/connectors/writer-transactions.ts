/**
 * The writing half of a two-phase commit: rows become transactions, transactions are pre-committed, and
 * each is handed over to a committer as a committable. What becomes of it then is the committer's affair.
 *
 *   open --barrier n--> handed over, filed under n --rows written--> pre-committed, and out of sight
 *     \--close--> aborted
 *
 * A committable goes out in front of barrier n and promises more than is true by then; the writer keeps
 * its word by acknowledging n only once it is pre-committed. So nobody may act on a committable before
 * the checkpoint it is filed under is complete.
 *
 * WT1  Nothing is written before the older attempts of the producer are fenced off (C98).
 * WT2  A checkpoint is acknowledged only when all that is filed under it or before is pre-committed (C96).
 * WT3  A fence aborts nothing that the restored checkpoint holds as handed over: it keeps all up to the
 *      last of those, since only the committer knows which of them are committed (C98, C99).
 * WT4  The last rows are handed over before the end of the input is passed on, and pre-committed by
 *      then, so that the committer has everything once its own input ends (C101).
 *
 * WT5  A producer is fenced by one subtask alone: by whoever is given what it kept, which is itself as
 *      long as there is a subtask of its number (C100).
 *
 * Source: in Flink, SinkWriterOperator. We differ: its flush is synchronous, and so its committables are
 * true when they leave.
 * Not here: `committer.ts` (who commits), `sink-transactions.ts` (both halves in one subtask).
 */
import { assert, present, unreachable } from "../core/assert.ts";
import { asCheckpointId, type CheckpointId } from "../core/ids.ts";
import type { Step } from "../core/machine.ts";
import type { TransactionId, TransactionPosition } from "../host/services.ts";
import type { Committable, HandedOver } from "./committable.ts";
import {
  begunOf,
  isFiledBy,
  nextStep,
  openOf,
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
  timedOut,
  type Asking,
  type ProtocolEffect,
  type ProtocolEvent,
} from "./sink-protocol.ts";

type Fence = Readonly<{
  kind: "fence-behind";
  producer: string;
  attempt: number;
  last: TransactionPosition;
}>;
export type WriterRequest = Fence | WriteStep;

export type WriterState = Asking<WriterRequest> &
  Readonly<{
    producer: string;
    attempt: number;
    nextNumber: number;
    fences: readonly Fence[];
    /** Not pre-committed yet, in order of writing; last the open one, if there is one. */
    transactions: readonly Transaction[];
    /** The newest that was handed over, in this attempt or before. */
    last: TransactionPosition;
    /** Of the newest barrier, or the checkpoint that it comes from. */
    latest: CheckpointId;
    unacknowledged: readonly CheckpointId[];
  }>;

export type WriterEvent =
  | ProtocolEvent
  | Readonly<
      | { kind: "rows"; count: number }
      /** Right in front of the barrier; the barrier itself follows. */
      | { kind: "seal"; checkpointId: CheckpointId }
      | { kind: "refused"; why: string }
    >;

export type WriterEffect =
  | ProtocolEffect<WriterRequest>
  | Readonly<
      | { kind: "hand-over"; committable: Committable }
      /** Once, unheard: what is left open is fenced off by the next attempt anyway. */
      | { kind: "abort"; id: TransactionId }
      | { kind: "pre-committed"; id: TransactionId; checkpointId: CheckpointId }
      | { kind: "fail"; why: string }
    >;
type WriterStep = Step<WriterState, WriterEffect>;

const NOTHING: TransactionPosition = { attempt: 0, number: 0 };

/**
 * @param restored undefined for a job that starts afresh; else all that this subtask was given of the
 *   checkpoint, which is nothing for one that was not part of it
 * @param restoredFrom the checkpoint, 0 for a job that starts afresh
 */
export function startWriter(
  producer: string,
  attempt: number,
  restored: readonly HandedOver[] | undefined,
  restoredFrom: CheckpointId,
): WriterStep {
  const own = { producer, checkpointId: 0, last: NOTHING };
  const given = withOwn(restored ?? [], own);
  const state: WriterState = {
    producer,
    attempt,
    phase: "running",
    nextNumber: 1,
    fences: given.map(({ producer: of, last }) => fenceBehind(of, attempt, last)),
    transactions: [],
    last: given.find((part) => part.producer === producer)?.last ?? NOTHING,
    latest: asCheckpointId(Math.max(restoredFrom, ...given.map((part) => part.checkpointId))),
    request: undefined,
    tries: 0,
    unacknowledged: [],
  };
  return goOn(state, []);
}

const fenceBehind = (producer: string, attempt: number, last: TransactionPosition): Fence => ({
  kind: "fence-behind",
  ...{ producer, attempt, last },
});

/** What a checkpoint holds of this writer, right after the barrier's event. */
export const handedOver = ({ producer, last, latest }: WriterState): HandedOver => ({
  producer,
  checkpointId: latest,
  last,
});

/** True once nothing is left to do before the end may be passed on (WT4). */
export const hasFinished = ({ phase, fences, transactions }: WriterState): boolean =>
  phase === "finished" && fences.length + transactions.length === 0;

export function onWriterEvent(state: WriterState, event: WriterEvent): WriterStep {
  if (state.phase === "over") return ignored(state);
  switch (event.kind) {
    case "rows":
      assert(state.phase === "running", () => `WT4 ${event.count} rows after finish`);
      return goOn(withRows(state, event.count), []);
    case "seal":
      return handOver({ ...state, latest: event.checkpointId }, event.checkpointId);
    case "barrier": {
      const { checkpointId } = event;
      assert(openOf(state) === undefined, () => `WT2 barrier ${checkpointId} cuts a transaction`);
      return goOn({ ...state, unacknowledged: [...state.unacknowledged, checkpointId] }, []);
    }
    case "confirmed":
      return onConfirmed(state);
    case "timed-out":
      return timedOut(state);
    case "retry-due":
      return askedAgain(state);
    case "refused":
      return { state: over(state), effects: [{ kind: "fail", why: event.why }] };
    case "finish":
      // Every checkpoint from here on has a higher id, and covers it.
      return handOver({ ...state, phase: "finished" }, asCheckpointId(state.latest + 1));
    case "close":
      return onClose(state);
    default:
      return unreachable(event);
  }
}

function handOver(state: WriterState, filedUnder: CheckpointId): WriterStep {
  const open = openOf(state);
  if (open === undefined) return goOn(state, []);
  const { attempt, number } = open.id;
  const next: WriterState = { ...sealed(state, filedUnder), last: { attempt, number } };
  return goOn(next, [{ kind: "hand-over", committable: { ...open.id, filedUnder } }]);
}

function onConfirmed(state: WriterState): WriterStep {
  const request = present(state.request, () => "a confirmation without a request");
  const idle = answered(state);
  switch (request.kind) {
    case "fence-behind":
      return goOn({ ...idle, fences: state.fences.slice(1) }, []);
    case "write":
      return goOn(withWritten(idle, request), []);
    case "pre-commit": {
      const { id, filedUnder } = request;
      const transactions = state.transactions.filter((t) => t.id !== id);
      const told = { kind: "pre-committed", id, checkpointId: filedUnder } as const;
      return goOn({ ...idle, transactions }, [told]);
    }
    default:
      return unreachable(request);
  }
}

/** What is handed over may be part of a completed checkpoint: only the open one is aborted (C99). */
function onClose(state: WriterState): WriterStep {
  const id = begunOf(state)?.id;
  return { state: over(state), effects: id === undefined ? [] : [{ kind: "abort", id }] };
}

/** After every event: tell what has become true, and make the next request if none is under way. */
function goOn(state: WriterState, effects: readonly WriterEffect[]): WriterStep {
  const acknowledged = acknowledge({ state, effects }, (checkpointId) =>
    isAcknowledgeable(state, checkpointId),
  );
  // WT1
  return ask(acknowledged, ({ fences, transactions }) => fences[0] ?? nextStep(transactions));
}

/** WT2. */
const isAcknowledgeable = (state: WriterState, checkpointId: CheckpointId): boolean =>
  state.fences.length === 0 && state.transactions.every((t) => !isFiledBy(t, checkpointId));
