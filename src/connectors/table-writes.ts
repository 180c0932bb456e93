/**
 * At least once into a table: rows are written as they come, and a barrier waits until all before it are.
 *
 *   rows --write, one batch at a time--> confirmed --all up to barrier n--> acknowledge n
 *
 * After a restore rows are written again. That does no harm to a table that keeps the last row of each key,
 * as long as no older row comes late: batches are numbered, and a row is never replaced by one of an older
 * batch or attempt, whenever that takes effect.
 *
 * TW1  A checkpoint is acknowledged only when every row before its barrier is confirmed (C96).
 * TW2  What fails for good fails the task, and every checkpoint in hand; it is never forgotten.
 * TW3  A batch that is written again is the same batch under the same number.
 *
 * Source: in Flink, AsyncSinkWriter and the flush of at-least-once sinks.
 * Not here: the rows (`table-sink.ts`), exactly once (`table-epochs.ts`).
 */
import { assert, present, unreachable } from "../core/assert.ts";
import type { CheckpointId } from "../core/ids.ts";
import type { Step } from "../core/machine.ts";
import { WRITE_ROWS_MAX } from "./open-transactions.ts";
import {
  answered,
  askedAgain,
  ignored,
  over,
  timedOut,
  type Asking,
  type ProtocolEffect,
  type ProtocolEvent,
} from "./sink-protocol.ts";

/** The oldest rows that are not confirmed. */
export type WriteRequest = Readonly<{ number: number; rows: number }>;

export type WritesState = Asking<WriteRequest> &
  Readonly<{
    /** Rows so far, and how many of them the table has confirmed. */
    taken: number;
    written: number;
    nextNumber: number;
    /** In order; each waits for the first `taken` rows. */
    unacknowledged: readonly Readonly<{ checkpointId: CheckpointId; taken: number }>[];
  }>;

export type WritesEvent =
  ProtocolEvent | Readonly<{ kind: "rows"; count: number } | { kind: "refused"; why: string }>;

export type WritesEffect = ProtocolEffect<WriteRequest> | Readonly<{ kind: "fail"; why: string }>;
type WritesStep = Step<WritesState, WritesEffect>;

export const startWrites = (): WritesState => ({
  phase: "running",
  taken: 0,
  written: 0,
  nextNumber: 1,
  request: undefined,
  tries: 0,
  unacknowledged: [],
});

/** True once there will be no more rows, and all are in the table. */
export const hasWrittenAll = ({ phase, taken, written }: WritesState): boolean =>
  phase === "finished" && written === taken;

export function onWritesEvent(state: WritesState, event: WritesEvent): WritesStep {
  if (state.phase === "over") return ignored(state);
  switch (event.kind) {
    case "rows":
      assert(state.phase === "running", () => `${event.count} rows after finish`);
      return goOn({ ...state, taken: state.taken + event.count });
    case "barrier": {
      const { checkpointId } = event;
      const waiting = { checkpointId, taken: state.taken };
      return goOn({ ...state, unacknowledged: [...state.unacknowledged, waiting] });
    }
    case "confirmed": {
      const { rows } = present(state.request, () => "a confirmation without a request");
      return goOn(answered({ ...state, written: state.written + rows }));
    }
    case "timed-out":
      return timedOut(state);
    case "retry-due":
      return askedAgain(state);
    case "refused":
      return { state: over(state), effects: [{ kind: "fail", why: event.why }] };
    case "finish":
      return goOn({ ...state, phase: "finished" });
    case "close":
      return { state: over(state), effects: [] };
    default:
      return unreachable(event);
  }
}

/** After every event: tell what has become true, and write on if nothing is under way. */
function goOn(state: WritesState): WritesStep {
  const effects: WritesEffect[] = [];
  const unacknowledged = state.unacknowledged.filter(({ checkpointId, taken }) => {
    const ready = state.written >= taken; // TW1
    if (ready) effects.push({ kind: "acknowledge", checkpointId });
    return !ready;
  });
  const left = state.taken - state.written;
  if (state.request !== undefined || left === 0) {
    return { state: { ...state, unacknowledged }, effects };
  }
  const request = { number: state.nextNumber, rows: Math.min(left, WRITE_ROWS_MAX) };
  effects.push({ kind: "request", request });
  const nextNumber = state.nextNumber + 1;
  return { state: { ...state, unacknowledged, request, nextNumber }, effects };
}
