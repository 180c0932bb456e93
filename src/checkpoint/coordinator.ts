/**
 * The life of checkpoints, as the job manager sees it: trigger, collect, store, announce, subsume.
 *
 * A snapshot of one subtask proves nothing; only all of them together, written down durably, are a
 * point that the job can go back to. This machine decides when that is so, and what becomes of the
 * files when it is not.
 *
 *   (none) --due--> collecting --last ack--> storing --stored--> completed --k newer--> discarded
 *                       |                       \---failed---> aborted
 *                       \--expired, declined, attempt over, stop--> aborted
 *
 * CO1  Ids rise strictly, and only ids that are durably reserved are used (C23).
 * CO2  At most one checkpoint is pending.
 * CO3  A checkpoint is stored only when every subtask of the plan has acknowledged it, once, in the
 *      attempt it was triggered for (C24, C28), and every enumerator's snapshot is in (C104).
 * CO4  It is announced only after its metadata is durable (C29).
 * CO5  Every triggered checkpoint ends once, completed or aborted, and an aborted one stays so
 *      (C30).
 * CO6  No discard names a file that a retained or pending checkpoint holds; the newest completed
 *      checkpoint is never discarded (C38).
 *
 * `storing` is the point of no return: while the outcome of the write is unknown the checkpoint can
 * neither be given up nor counted, whatever happens to its attempt (C123). Whoever drives this
 * machine retries the write until the outcome is known, and restores nothing meanwhile
 * (`restorePoint`).
 *
 * Source: Flink's CheckpointCoordinator. We differ: one pending checkpoint at a time, so completion
 * has nothing lower to subsume (C31); a restart does not move the schedule, so a trigger that
 * became due meanwhile follows as soon as every task runs.
 * Not here: messages, retries and files (runtime/job-manager.ts), who restarts
 * (runtime/failover.ts).
 */
import { assert, present, unreachable } from "../core/assert.ts";
import type { AttemptId, CheckpointId } from "../core/ids.ts";
import { asCheckpointId, asSubtaskIndex } from "../core/ids.ts";
import type { SnapshotHandle } from "../state/operator-snapshot.ts";
import type { CompletedCheckpoint } from "./checkpoint-metadata.ts";
import type {
  Coordinator,
  CoordinatorEffect,
  CoordinatorEvent,
  CoordinatorStep,
  PendingCheckpoint,
  TaskAck,
} from "./coordinator-protocol.ts";
import type { TaskId } from "./task-id.ts";
import { ackOf, acksOf, noAcks, withAck } from "./acknowledgements.ts";
import { asCompleted } from "./coordinator-state.ts";
import { taskKey, taskText } from "./task-id.ts";

export type {
  Coordinator,
  CoordinatorConfig,
  CoordinatorEffect,
  CoordinatorEvent,
  CoordinatorStep,
} from "./coordinator-protocol.ts";
export { coordinatorConfig, createCoordinator } from "./coordinator-state.ts";
export type { TaskId } from "./task-id.ts";

/** One write to the store per so many ids; what is reserved and never used stays unused. */
const IDS_RESERVED_AT_ONCE = 32;
/** Reserve more while this many are left, so that a slow store does not hold a trigger back. */
const IDS_LEFT_MIN = 4;

/**
 * Where a restart goes back to. `unsettled` while the outcome of a metadata write is unknown:
 * deploy nothing until it is (C123). `none`: the job starts afresh.
 */
export type RestorePoint = Readonly<
  | { kind: "checkpoint"; checkpoint: CompletedCheckpoint }
  | { kind: "none" }
  | { kind: "unsettled"; checkpointId: CheckpointId }
>;

/** C47: the completed checkpoint with the highest id. */
export function restorePoint(state: Coordinator): RestorePoint {
  assert(state.ready, () => "restore point asked for before the store was read");
  const { pending } = state;
  if (pending?.phase === "storing") return { kind: "unsettled", checkpointId: pending.id };
  const checkpoint = state.completed.at(-1);
  return checkpoint === undefined ? { kind: "none" } : { kind: "checkpoint", checkpoint };
}

export function stepCoordinator(state: Coordinator, event: CoordinatorEvent): CoordinatorStep {
  const effects: CoordinatorEffect[] = [];
  const current = expireOverdue(state, event.nowMs, effects);
  const handled = handle(current, event, effects);
  return { state: arrange(handled, event.nowMs, effects), effects };
}

function handle(
  state: Coordinator,
  event: CoordinatorEvent,
  effects: CoordinatorEffect[],
): Coordinator {
  switch (event.kind) {
    case "restored-store":
      return takeStore(state, event.reservedThrough, event.completed, effects);
    case "attempt-running":
      return startAttempt(state, event.attempt, event.tasks, event.nowMs);
    case "attempt-ended":
      if (state.running !== event.attempt) return ignore(state, "another-attempt", effects);
      return abortCollecting({ ...state, running: undefined }, event.why, effects);
    case "tick":
      return { ...state, wakeAtMs: undefined };
    case "acknowledged":
      return acknowledge(state, event.attempt, event.checkpointId, event.ack, effects);
    case "sources-snapshotted": {
      const pending = collecting(state, event.checkpointId, event.attempt);
      if (pending === undefined) return ignore(state, "late-sources", effects);
      return storeIfWhole(state, { ...pending, sources: event.sources }, effects);
    }
    case "declined": {
      const pending = collecting(state, event.checkpointId, event.attempt);
      if (pending === undefined) return ignore(state, "late-decline", effects);
      return abort(state, pending, `${taskText(event)} declined: ${event.why}`, effects);
    }
    case "ids-reserved": {
      if (event.through <= state.reservedThrough) return ignore(state, "known-ids", effects);
      const reserving = event.through >= state.reserving ? asCheckpointId(0) : state.reserving;
      return { ...state, reservedThrough: event.through, reserving };
    }
    case "metadata-stored":
      return complete(state, event.checkpointId, event.nowMs, effects);
    case "metadata-failed": {
      const pending = storing(state, event.checkpointId);
      if (pending === undefined) return ignore(state, "not-storing", effects);
      return abort(state, pending, `metadata not stored: ${event.why}`, effects);
    }
    case "stop":
      return abortCollecting({ ...state, stopped: true }, "stopped", effects);
    default:
      return unreachable(event);
  }
}

/**
 * What a new leader found. Left-overs of a clean-up that did not get far are discarded now (C40).
 */
function takeStore(
  state: Coordinator,
  reservedThrough: CheckpointId,
  completed: readonly CompletedCheckpoint[],
  effects: CoordinatorEffect[],
): Coordinator {
  assert(!state.ready, () => "the store was read twice by one coordinator");
  for (let i = 1; i < completed.length; i++) {
    const [a, b] = [completed[i - 1]!.id, completed[i]!.id];
    assert(a < b, () => `completed checkpoints out of order: ${a} before ${b}`);
  }
  const through = asCheckpointId(Math.max(reservedThrough, completed.at(-1)?.id ?? 0));
  const nextId = asCheckpointId(through + 1);
  const read = { ...state, ready: true, nextId, reservedThrough: through, completed };
  return subsume(read, effects);
}

function startAttempt(
  state: Coordinator,
  attempt: AttemptId,
  tasks: readonly TaskId[],
  nowMs: number,
): Coordinator {
  const { config, running, pending } = state;
  assert(state.ready, () => `attempt ${attempt} runs before the store was read`);
  assert(running === undefined, () => `attempt ${attempt} runs while ${running} does`);
  assert(pending?.phase !== "collecting", () => `CO5 ${pending?.id} outlives its attempt`);
  assert(pending === undefined, () => `attempt ${attempt} runs, ${pending?.id} is unsettled`);
  const keys = new Set(tasks.map(taskKey));
  for (const { index, parallelism } of config.vertices) {
    for (let i = 0; i < parallelism; i++) {
      const task = { vertex: index, subtask: asSubtaskIndex(i) };
      assert(keys.delete(taskKey(task)), () => `CO3 attempt ${attempt} lacks ${taskText(task)}`);
    }
  }
  assert(keys.size === 0, () => `CO3 attempt ${attempt} has ${keys.size} tasks beyond the plan`);
  const nextTriggerMs = state.nextTriggerMs ?? nowMs + config.checkpoints.intervalMs;
  return { ...state, running: attempt, nextTriggerMs };
}

function acknowledge(
  state: Coordinator,
  attempt: AttemptId,
  checkpointId: CheckpointId,
  ack: TaskAck,
  effects: CoordinatorEffect[],
): Coordinator {
  // What this leader never triggered is another leader's to judge, and to delete (C122).
  if (!state.ready || checkpointId >= state.nextId) return ignore(state, "unknown-id", effects);
  if (isHeld(state, ack.stored.handle.path)) return ignore(state, "duplicate-ack", effects);
  const pending = collecting(state, checkpointId, attempt);
  if (pending === undefined || ackOf(pending, ack) !== undefined || !isTask(state, ack)) {
    const why = pending === undefined ? "late-ack" : "unexpected-ack";
    pushDiscard(effects, checkpointId, [ack.stored.handle]);
    return ignore(state, why, effects);
  }
  return storeIfWhole(state, withAck(pending, ack), effects);
}

function storeIfWhole(
  state: Coordinator,
  next: PendingCheckpoint,
  effects: CoordinatorEffect[],
): Coordinator {
  if (next.ackCount < taskCount(state)) return { ...state, pending: next };
  if (next.sources === undefined) return { ...state, pending: next };
  const stored: PendingCheckpoint = { ...next, phase: "storing" };
  effects.push({ kind: "store-metadata", checkpoint: asCompleted(state, stored) });
  return { ...state, pending: stored };
}

function complete(
  state: Coordinator,
  checkpointId: CheckpointId,
  nowMs: number,
  effects: CoordinatorEffect[],
): Coordinator {
  const pending = storing(state, checkpointId);
  if (pending === undefined) return ignore(state, "not-storing", effects);
  const newest = state.completed.at(-1)?.id ?? 0;
  assert(newest < checkpointId, () => `CO1 ${checkpointId} completes after ${newest}`);
  const { attempt } = pending;
  const allEnded = acksOf(pending).every((ack) => ack.ended);
  effects.push({ kind: "announce-completed", attempt, checkpointId, allEnded });
  const completed = [...state.completed, asCompleted(state, pending)];
  const next = { ...state, pending: undefined, completed, lastCompletedMs: nowMs };
  return subsume(next, effects);
}

/** C38: the newest `retained` stay. */
function subsume(state: Coordinator, effects: CoordinatorEffect[]): Coordinator {
  const { retained } = state.config.checkpoints;
  assert(retained >= 1, () => `CO6 ${retained} retained checkpoints: at least 1`);
  const surplus = Math.max(0, state.completed.length - retained);
  if (surplus === 0) return state;
  for (const { id, vertices } of state.completed.slice(0, surplus)) {
    const handles = vertices.flatMap((vertex) =>
      vertex.subtasks.map(({ stored }) => stored.handle),
    );
    effects.push({ kind: "discard", checkpointId: id, handles, withMetadata: true });
  }
  return { ...state, completed: state.completed.slice(surplus) };
}

/** C36: counted from the trigger. What is being stored is past expiring. */
function expireOverdue(
  state: Coordinator,
  nowMs: number,
  effects: CoordinatorEffect[],
): Coordinator {
  const { pending } = state;
  if (pending?.phase !== "collecting" || nowMs < expiryMs(state, pending)) return state;
  return abort(state, pending, "expired", effects);
}

function abortCollecting(state: Coordinator, why: string, effects: CoordinatorEffect[]) {
  const { pending } = state;
  return pending?.phase === "collecting" ? abort(state, pending, why, effects) : state;
}

function abort(
  state: Coordinator,
  pending: PendingCheckpoint,
  why: string,
  effects: CoordinatorEffect[],
): Coordinator {
  const { id: checkpointId, attempt } = pending;
  effects.push({ kind: "announce-aborted", attempt, checkpointId, why });
  const handles = acksOf(pending).map((ack) => ack.stored.handle);
  pushDiscard(effects, checkpointId, handles);
  return { ...state, pending: undefined };
}

/** Triggers what is due, reserves ids in time, and asks to be woken for the next thing due. */
function arrange(state: Coordinator, nowMs: number, effects: CoordinatorEffect[]): Coordinator {
  let next = state;
  const dueMs = triggerDueMs(next);
  if (dueMs !== undefined && dueMs <= nowMs) next = trigger(next, nowMs, effects);
  next = reserve(next, effects);

  const { pending } = next;
  const atMs = pending?.phase === "collecting" ? expiryMs(next, pending) : triggerDueMs(next);
  if (atMs !== undefined && atMs !== next.wakeAtMs) effects.push({ kind: "wake-at", atMs });
  if (effects.length === 0) effects.push({ kind: "ignore", why: "nothing-due" });
  return { ...next, wakeAtMs: atMs };
}

/**
 * Undefined while something other than time is missing: an attempt, an id, an end to the last one.
 */
function triggerDueMs(state: Coordinator): number | undefined {
  const { running, pending, nextTriggerMs, lastCompletedMs } = state;
  const { intervalMs, minPauseMs } = state.config.checkpoints;
  if (!state.ready || state.stopped || intervalMs === 0) return undefined;
  if (running === undefined || pending !== undefined || nextTriggerMs === undefined)
    return undefined;
  if (state.nextId > state.reservedThrough) return undefined;
  if (lastCompletedMs === undefined) return nextTriggerMs;
  return Math.max(nextTriggerMs, lastCompletedMs + minPauseMs); // C25
}

function trigger(state: Coordinator, nowMs: number, effects: CoordinatorEffect[]): Coordinator {
  const { nextId: id, reservedThrough, running, pending, config } = state;
  const attempt = present(running, () => `C24 checkpoint ${id} while no attempt runs`);
  assert(id <= reservedThrough, () => `CO1 ${id} is beyond the reserved ${reservedThrough}`);
  assert(pending === undefined, () => `CO2 ${id} while ${pending?.id} is pending`);
  effects.push({ kind: "trigger", attempt, checkpointId: id });
  return {
    ...state,
    nextId: asCheckpointId(id + 1),
    pending: {
      ...{ id, attempt, triggeredMs: nowMs, phase: "collecting" },
      ...noAcks(config.vertices),
      sources: config.sources.length === 0 ? [] : undefined,
    },
    nextTriggerMs: nowMs + config.checkpoints.intervalMs,
  };
}

function reserve(state: Coordinator, effects: CoordinatorEffect[]): Coordinator {
  const { ready, stopped, reserving, reservedThrough, nextId } = state;
  if (!ready || stopped || state.config.checkpoints.intervalMs === 0) return state;
  const left = reservedThrough - nextId + 1;
  if (reserving !== 0 || left >= IDS_LEFT_MIN) return state;
  const through = asCheckpointId(reservedThrough + IDS_RESERVED_AT_ONCE);
  effects.push({ kind: "reserve-ids", through });
  return { ...state, reserving: through };
}

/** The pending checkpoint that still takes acknowledgements of this id and this exact attempt. */
function collecting(state: Coordinator, id: CheckpointId, attempt: AttemptId) {
  const { pending } = state;
  const same = pending?.phase === "collecting" && pending.id === id && pending.attempt === attempt;
  return same ? pending : undefined;
}

function storing(state: Coordinator, id: CheckpointId): PendingCheckpoint | undefined {
  const { pending } = state;
  return pending?.phase === "storing" && pending.id === id ? pending : undefined;
}

/** CO6: whether a retained or the pending checkpoint refers to this file. */
function isHeld(state: Coordinator, path: string): boolean {
  for (const ofVertex of state.pending?.acks ?? []) {
    if (ofVertex.some((ack) => ack?.stored.handle.path === path)) return true;
  }
  return state.completed.some(({ vertices }) =>
    vertices.some(({ subtasks }) => subtasks.some(({ stored }) => stored.handle.path === path)),
  );
}

const isTask = (state: Coordinator, { vertex, subtask }: TaskId): boolean =>
  state.config.vertices.some(({ index, parallelism }) => index === vertex && subtask < parallelism);

const taskCount = (state: Coordinator): number =>
  state.config.vertices.reduce((count, { parallelism }) => count + parallelism, 0);

const expiryMs = (state: Coordinator, pending: PendingCheckpoint): number =>
  pending.triggeredMs + state.config.checkpoints.timeoutMs;

function pushDiscard(
  effects: CoordinatorEffect[],
  checkpointId: CheckpointId,
  handles: readonly SnapshotHandle[],
): void {
  if (handles.length === 0) return;
  effects.push({ kind: "discard", checkpointId, handles, withMetadata: false });
}

function ignore(state: Coordinator, why: string, effects: CoordinatorEffect[]): Coordinator {
  effects.push({ kind: "ignore", why });
  return state;
}
