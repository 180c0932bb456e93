/**
 * What is triggered next, and when: what was asked for, and what the clock wants.
 *
 *   savepoints, forced requests, other requests, each by age --room--> trigger
 *   the clock: every interval, a pause after the last completed one --room--> trigger
 *
 * CS1  No more checkpoints are pending than `maxConcurrent`, but for forced ones (C26); one at a time
 *      with a pause between them, and beside an unaligned one nothing (C18, C25).
 * CS2  Nothing is triggered while some task does not run (C24), while more clean-ups are under way than
 *      checkpoints may be (C27), or once the job stops.
 * CS3  What a subtask may refer to again is named by the barrier: the newest complete checkpoint, if
 *      any, and only in an incremental checkpoint of the job's own (C41, C46, C64).
 *
 * Source: Flink's CheckpointRequestDecider. We differ: a request waits for its turn, however long, rather
 * than being refused while tasks do not run; a savepoint is first in the queue, but only a forced one
 * is triggered beside others, since a source that hears of two triggers in the wrong order takes part in
 * the newer one alone, and declines the other.
 * Not here: what becomes of it (coordinator.ts).
 */
import { assert } from "../core/assert.ts";
import type { BarrierOptions } from "../core/element.ts";
import { asCheckpointId } from "../core/ids.ts";
import { noAcks } from "./acknowledgements.ts";
import type {
  CheckpointRequest,
  Coordinator,
  CoordinatorEffect,
  PendingCheckpoint,
} from "./coordinator-protocol.ts";
import { allRun, stoppedBehind } from "./coordinator-state.ts";

/** One write to the store per so many ids; what is reserved and never used stays unused. */
const IDS_RESERVED_AT_ONCE = 32;
/** Reserve more while this many are left, so that a slow store does not hold a trigger back. */
const IDS_LEFT_MIN = 4;

/** Triggers what is due, reserves ids in time, and asks to be woken for the next thing due. */
export function arrange(
  state: Coordinator,
  nowMs: number,
  effects: CoordinatorEffect[],
): Coordinator {
  let next = state;
  for (;;) {
    const due = nextDue(next);
    if (due === undefined || due.atMs > nowMs) break;
    next = trigger(next, due.request, nowMs, effects);
  }
  next = reserve(next, effects);

  const dueAtMs = nextDue(next)?.atMs;
  const times = next.pending.flatMap((pending) =>
    pending.phase === "collecting" ? [expiryMs(next, pending)] : [],
  );
  if (dueAtMs !== undefined) times.push(dueAtMs);
  const atMs = times.length === 0 ? undefined : Math.min(...times);
  if (atMs !== undefined && atMs !== next.wakeAtMs) effects.push({ kind: "wake-at", atMs });
  if (effects.length === 0) effects.push({ kind: "ignore", why: "nothing-due" });
  return { ...next, wakeAtMs: atMs };
}

/** C36: counted from the trigger. */
export const expiryMs = (state: Coordinator, pending: PendingCheckpoint): number =>
  pending.triggeredMs + state.config.checkpoints.timeoutMs;

/** C26: behind all that come before it, by rank, then by age. The name is not in the queue yet. */
export function enqueued(
  requests: readonly CheckpointRequest[],
  request: CheckpointRequest,
): readonly CheckpointRequest[] {
  const at = requests.findIndex((other) => rankOf(other) > rankOf(request));
  return at < 0 ? [...requests, request] : requests.toSpliced(at, 0, request);
}

const rankOf = ({ purpose, forced }: CheckpointRequest): number => {
  if (purpose === "savepoint") return 0;
  return forced ? 1 : 2;
};

type Due = Readonly<{ atMs: number; request: CheckpointRequest | undefined }>;

/** Undefined while something other than time is missing. */
function nextDue(state: Coordinator): Due | undefined {
  const { pending, requests, cleaning, config } = state;
  if (!state.ready || state.stopped || stoppedBehind(state) !== undefined) return undefined;
  if (!allRun(state) || state.nextId > state.reservedThrough) return undefined;
  if (cleaning > concurrentMax(state)) return undefined;
  if (pending.some(({ options }) => options.stop !== "none")) return undefined;
  const [request] = requests;
  if (request !== undefined) {
    return hasRoom(state, request.forced) ? { atMs: 0, request } : undefined;
  }
  const { intervalMs, minPauseMs } = config.checkpoints;
  const { nextTriggerMs, lastCompletedMs } = state;
  if (intervalMs === 0 || nextTriggerMs === undefined || !hasRoom(state, false)) return undefined;
  if (lastCompletedMs === undefined) return { atMs: nextTriggerMs, request: undefined };
  const atMs = Math.max(nextTriggerMs, lastCompletedMs + minPauseMs); // C25
  return { atMs, request: undefined };
}

/** C18: two unaligned barriers, or one that could overtake another, are never in the channels. */
function hasRoom(state: Coordinator, forced: boolean): boolean {
  const { unaligned } = state.config.checkpoints;
  if (forced && !unaligned) return true;
  return state.pending.length < concurrentMax(state);
}

/** An id that no line is found for holds back none that follow: it takes some to find one. */
function concurrentMax({ config }: Coordinator): number {
  const { protocol, maxConcurrent, unaligned, minPauseMs } = config.checkpoints;
  if (protocol === "uncoordinated") return Number.POSITIVE_INFINITY;
  return unaligned || minPauseMs > 0 ? 1 : maxConcurrent;
}

function trigger(
  state: Coordinator,
  request: CheckpointRequest | undefined,
  nowMs: number,
  effects: CoordinatorEffect[],
): Coordinator {
  const { nextId: id, reservedThrough, running, config } = state;
  assert(id <= reservedThrough, () => `CO1 ${id} is beyond the reserved ${reservedThrough}`);
  assert(allRun(state), () => `CS2 checkpoint ${id} while not every task runs`);
  const options = optionsFor(state, request);
  effects.push({ kind: "trigger", checkpointId: id, options, regions: running });
  const pending: PendingCheckpoint = {
    ...{ id, options, request, regions: running, triggeredMs: nowMs, phase: "collecting" },
    ...noAcks(config.vertices),
    sources: config.sources.length === 0 ? [] : undefined,
  };
  const triggered = {
    ...state,
    nextId: asCheckpointId(id + 1),
    pending: [...state.pending, pending],
  };
  if (request !== undefined) return { ...triggered, requests: state.requests.slice(1) };
  return { ...triggered, nextTriggerMs: nowMs + config.checkpoints.intervalMs };
}

/** CS3 */
function optionsFor(state: Coordinator, request: CheckpointRequest | undefined): BarrierOptions {
  const { protocol, mode, unaligned, alignedTimeoutMs, incremental } = state.config.checkpoints;
  const purpose = request?.purpose ?? "checkpoint";
  const never = Number.POSITIVE_INFINITY;
  const common = {
    purpose,
    form: request?.form ?? "native",
    stop: request?.stop ?? "none",
    base: asCheckpointId(0),
  } as const;
  if (protocol === "uncoordinated") {
    // Shared files are swept by what barriers say of them, so none are made.
    return { ...common, form: "canonical", mode: protocol, alignedTimeoutMs: never };
  }
  if (purpose === "savepoint") return { ...common, mode: "aligned", alignedTimeoutMs: never };
  const base = incremental ? (state.completed.at(-1)?.id ?? common.base) : common.base;
  if (mode === "at-least-once") return { ...common, base, mode, alignedTimeoutMs: never };
  if (!unaligned) return { ...common, base, mode: "aligned", alignedTimeoutMs: never };
  if (alignedTimeoutMs > 0) return { ...common, base, mode: "aligned", alignedTimeoutMs };
  return { ...common, base, mode: "unaligned", alignedTimeoutMs: never };
}

function reserve(state: Coordinator, effects: CoordinatorEffect[]): Coordinator {
  const { ready, stopped, reserving, reservedThrough, nextId, requests } = state;
  const wanted = state.config.checkpoints.intervalMs > 0 || requests.length > 0;
  if (!ready || stopped || !wanted) return state;
  const left = reservedThrough - nextId + 1;
  if (reserving !== 0 || left >= IDS_LEFT_MIN) return state;
  const through = asCheckpointId(reservedThrough + IDS_RESERVED_AT_ONCE);
  effects.push({ kind: "reserve-ids", through });
  return { ...state, reserving: through };
}
