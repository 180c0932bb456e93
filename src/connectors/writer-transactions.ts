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
import { retryDelayMs } from "./backoff.ts";
import type { Committable, HandedOver } from "./committable.ts";
import {
  changed,
  isFiledBy,
  nextStep,
  openOf,
  sealed,
  withRows,
  type Transaction,
  type WriteStep,
} from "./open-transactions.ts";

type Fence = Readonly<{
  kind: "fence-behind";
  producer: string;
  attempt: number;
  last: TransactionPosition;
}>;
export type WriterRequest = Fence | WriteStep;

export type WriterState = Readonly<{
  producer: string;
  attempt: number;
  phase: "running" | "finished" | "over";
  nextNumber: number;
  fences: readonly Fence[];
  /** Not pre-committed yet, in order of writing; last the open one, if there is one. */
  transactions: readonly Transaction[];
  /** The newest that was handed over, in this attempt or before. */
  last: TransactionPosition;
  /** Of the newest barrier, or the checkpoint that it comes from. */
  latest: CheckpointId;
  request: WriterRequest | undefined;
  /** How often the request under way has timed out. */
  tries: number;
  unacknowledged: readonly CheckpointId[];
}>;

export type WriterEvent = Readonly<
  | { kind: "rows"; count: number }
  /** Right in front of the barrier; the barrier itself follows. */
  | { kind: "seal" | "barrier"; checkpointId: CheckpointId }
  /** Of the request under way: the ledger did it, may have done it, refuses it. */
  | { kind: "confirmed" }
  | { kind: "timed-out" }
  | { kind: "refused"; why: string }
  | { kind: "retry-due" }
  | { kind: "finish" }
  | { kind: "close" }
>;

export type WriterEffect = Readonly<
  | { kind: "request"; request: WriterRequest }
  | { kind: "retry-after"; delayMs: number }
  | { kind: "hand-over"; committable: Committable }
  /** Once, unheard: what is left open is fenced off by the next attempt anyway. */
  | { kind: "abort"; id: TransactionId }
  | { kind: "pre-committed"; id: TransactionId; checkpointId: CheckpointId }
  | { kind: "acknowledge"; checkpointId: CheckpointId }
  | { kind: "fail"; why: string }
  | { kind: "ignore"; why: "over" }
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
  const given = restored?.some((part) => part.producer === producer)
    ? restored
    : [own, ...(restored ?? [])];
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
  if (state.phase === "over") return { state, effects: [{ kind: "ignore", why: "over" }] };
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
    case "timed-out": {
      const tries = state.tries + 1;
      const delayMs = retryDelayMs(tries);
      return { state: { ...state, tries }, effects: [{ kind: "retry-after", delayMs }] };
    }
    case "retry-due": {
      const request = present(state.request, () => "a retry without a request");
      return { state, effects: [{ kind: "request", request }] };
    }
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

/** What is under way is given up: its answer, if one comes, says nothing to anybody. */
const over = (state: WriterState): WriterState => ({ ...state, phase: "over", request: undefined });

function handOver(state: WriterState, filedUnder: CheckpointId): WriterStep {
  const open = openOf(state);
  if (open === undefined) return goOn(state, []);
  const { attempt, number } = open.id;
  const next: WriterState = { ...sealed(state, filedUnder), last: { attempt, number } };
  return goOn(next, [{ kind: "hand-over", committable: { ...open.id, filedUnder } }]);
}

function onConfirmed(state: WriterState): WriterStep {
  const request = present(state.request, () => "a confirmation without a request");
  const idle: WriterState = { ...state, request: undefined, tries: 0 };
  switch (request.kind) {
    case "fence-behind":
      return goOn({ ...idle, fences: state.fences.slice(1) }, []);
    case "write":
      return goOn(
        changed(idle, request.id, (t) => ({ ...t, written: t.written + request.rows })),
        [],
      );
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
  const open = openOf(state);
  const { request } = state;
  const asked = request?.kind === "write" && request.id === open?.id;
  const begun = open !== undefined && (open.written > 0 || asked);
  return { state: over(state), effects: begun ? [{ kind: "abort", id: open.id }] : [] };
}

/** After every event: tell what has become true, and make the next request if none is under way. */
function goOn(state: WriterState, effects: readonly WriterEffect[]): WriterStep {
  const all = [...effects];
  const unacknowledged = state.unacknowledged.filter((checkpointId) => {
    const ready = isAcknowledgeable(state, checkpointId);
    if (ready) all.push({ kind: "acknowledge", checkpointId });
    return !ready;
  });
  const request = state.request ?? state.fences[0] ?? nextStep(state.transactions); // WT1
  if (request !== undefined && state.request === undefined) all.push({ kind: "request", request });
  return { state: { ...state, unacknowledged, request }, effects: all };
}

/** WT2. */
const isAcknowledgeable = (state: WriterState, checkpointId: CheckpointId): boolean =>
  state.fences.length === 0 && state.transactions.every((t) => !isFiledBy(t, checkpointId));
