/**
 * What the protocols of all sinks do alike: one request of the outside is under way at a time, a barrier
 * waits for its acknowledgement, and a completion until it is settled.
 *
 * A time-out leaves the outcome open. The same request is made again, for as long as it takes: every
 * request of a sink bears to come twice, and nothing else may be asked while one is open, since the order
 * of what a sink asks for is what its promises rest on.
 *
 * SQ1  While a request is under way no other is made, and one that timed out is made again as it was.
 * SQ2  What has ended is ended: no request is under way after a refusal or a close.
 *
 * Not here: when a checkpoint may be acknowledged or is settled, and what to ask for next: that is what
 * each protocol is about (`sink-transactions.ts`, `writer-transactions.ts`, `committer.ts`,
 * `table-epochs.ts`, `table-writes.ts`). Who carries the effects out: `sink-operator.ts`.
 */
import { present } from "../core/assert.ts";
import type { CheckpointId } from "../core/ids.ts";
import type { Step } from "../core/machine.ts";
import { retryDelayMs } from "./backoff.ts";

export type Asking<Request> = Readonly<{
  phase: "running" | "finished" | "over";
  request: Request | undefined;
  /** How often the request under way has timed out. */
  tries: number;
}>;

type Acknowledging = Readonly<{ unacknowledged: readonly CheckpointId[] }>;
type Settling = Readonly<{ unsettled: readonly CheckpointId[] }>;

/** What every protocol of a sink hears; each adds rows, refusals and what else is its own. */
export type ProtocolEvent = Readonly<
  | { kind: "barrier"; checkpointId: CheckpointId }
  /** Of the request under way: the outside did it, may have done it. */
  | { kind: "confirmed" }
  | { kind: "timed-out" }
  | { kind: "retry-due" }
  | { kind: "finish" }
  | { kind: "close" }
>;

/** What every protocol of a sink asks for; each adds how it fails and what else is its own. */
export type ProtocolEffect<Request> = Readonly<
  | { kind: "request"; request: Request }
  | { kind: "retry-after"; delayMs: number }
  | { kind: "acknowledge"; checkpointId: CheckpointId }
  | { kind: "ignore"; why: "over" }
>;

/** Of those that have to do with completed checkpoints. */
export type Settled = Readonly<{ kind: "settled"; checkpointId: CheckpointId }>;

type RequestOf<S extends Asking<unknown>> = NonNullable<S["request"]>;
type Effect<S extends Asking<unknown>> = ProtocolEffect<RequestOf<S>>;

/** Of a request whose outcome is open. */
export function timedOut<S extends Asking<unknown>>(state: S): Step<S, Effect<S>> {
  const tries = state.tries + 1;
  const delayMs = retryDelayMs(tries);
  return { state: { ...state, tries }, effects: [{ kind: "retry-after", delayMs }] };
}

/** SQ1. */
export function askedAgain<S extends Asking<unknown>>(state: S): Step<S, Effect<S>> {
  const request = present(state.request, () => "SQ1 a retry without a request") as RequestOf<S>;
  return { state, effects: [{ kind: "request", request }] };
}

/** The request under way has its answer. */
export const answered = <S extends Asking<unknown>>(state: S): S => ({
  ...state,
  request: undefined,
  tries: 0,
});

/** SQ2: what is under way is given up; its answer, if one comes, says nothing to anybody. */
export const over = <S extends Asking<unknown>>(state: S): S => ({
  ...state,
  phase: "over",
  request: undefined,
});

/** Whatever is heard behind the end. */
export const ignored = <S extends Asking<unknown>>(state: S): Step<S, Effect<S>> => ({
  state,
  effects: [{ kind: "ignore", why: "over" }],
});

/** Acknowledges every barrier that need not wait any longer. */
export function acknowledge<S extends Asking<unknown> & Acknowledging, E>(
  { state, effects }: Step<S, E>,
  isReady: (checkpointId: CheckpointId) => boolean,
): Step<S, E | Effect<S>> {
  const ready = state.unacknowledged.filter(isReady);
  if (ready.length === 0) return { state, effects };
  const unacknowledged = state.unacknowledged.filter((id) => !ready.includes(id));
  const told = ready.map((checkpointId) => ({ kind: "acknowledge", checkpointId }) as const);
  return { state: { ...state, unacknowledged }, effects: [...effects, ...told] };
}

/** Settles every completion that has nothing left to do. */
export function settle<S extends Asking<unknown> & Settling, E>(
  { state, effects }: Step<S, E>,
  isDone: (checkpointId: CheckpointId) => boolean,
): Step<S, E | Settled> {
  const done = state.unsettled.filter(isDone);
  if (done.length === 0) return { state, effects };
  const unsettled = state.unsettled.filter((id) => !done.includes(id));
  const told = done.map((checkpointId) => ({ kind: "settled", checkpointId }) as const);
  return { state: { ...state, unsettled }, effects: [...effects, ...told] };
}

/** SQ1: makes the next request if none is under way. */
export function ask<S extends Asking<unknown>, E>(
  { state, effects }: Step<S, E>,
  next: (state: S) => RequestOf<S> | undefined,
): Step<S, E | Effect<S>> {
  if (state.request !== undefined) return { state, effects };
  const request = next(state);
  if (request === undefined) return { state, effects };
  return { state: { ...state, request }, effects: [...effects, { kind: "request", request }] };
}
