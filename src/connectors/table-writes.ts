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
import { retryDelayMs } from "./backoff.ts";
import { WRITE_ROWS_MAX } from "./open-transactions.ts";

/** The oldest rows that are not confirmed. */
export type WriteRequest = Readonly<{ number: number; rows: number }>;

export type WritesState = Readonly<{
  phase: "running" | "finished" | "over";
  /** Rows so far, and how many of them the table has confirmed. */
  taken: number;
  written: number;
  nextNumber: number;
  request: WriteRequest | undefined;
  /** How often the request under way has timed out. */
  tries: number;
  /** In order; each waits for the first `taken` rows. */
  unacknowledged: readonly Readonly<{ checkpointId: CheckpointId; taken: number }>[];
}>;

export type WritesEvent = Readonly<
  | { kind: "rows"; count: number }
  | { kind: "barrier"; checkpointId: CheckpointId }
  | { kind: "confirmed" }
  | { kind: "timed-out" }
  | { kind: "refused"; why: string }
  | { kind: "retry-due" }
  | { kind: "finish" }
  | { kind: "close" }
>;

export type WritesEffect = Readonly<
  | { kind: "request"; request: WriteRequest }
  | { kind: "retry-after"; delayMs: number }
  | { kind: "acknowledge"; checkpointId: CheckpointId }
  | { kind: "fail"; why: string }
  | { kind: "ignore"; why: "over" }
>;
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
  if (state.phase === "over") return { state, effects: [{ kind: "ignore", why: "over" }] };
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
      return goOn({ ...state, written: state.written + rows, request: undefined, tries: 0 });
    }
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
      return goOn({ ...state, phase: "finished" });
    case "close":
      return { state: over(state), effects: [] };
    default:
      return unreachable(event);
  }
}

/** What is under way is given up: its answer, if one comes, says nothing to anybody. */
const over = (state: WritesState): WritesState => ({ ...state, phase: "over", request: undefined });

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
