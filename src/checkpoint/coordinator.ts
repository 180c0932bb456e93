/**
 * The life of checkpoints, as the job manager sees it: trigger, collect, store, announce, subsume.
 *
 * A snapshot of one subtask proves nothing; only all of them together, written down durably, are a
 * point that the job can go back to. This machine decides when that is so, and what becomes of the
 * files when it is not.
 *
 *   (none) --due--> collecting --last ack--> storing --stored--> completed --k newer--> discarded
 *                       |                       \---failed---> aborted
 *                       \--expired, declined, region over, subsumed, stop--> aborted
 *
 * CO1  Ids rise strictly, and only ids that are durably reserved are used (C23).
 * CO2  Metadata is written for one checkpoint at a time, in the order of ids where several are whole.
 * CO3  A checkpoint is stored only when every subtask of the plan has acknowledged it, once, in the
 *      attempt that its region had at the trigger (C24, C28), and every enumerator's snapshot is in
 *      (C104).
 * CO4  It is announced only after its metadata is durable (C29).
 * CO5  Every triggered checkpoint ends once, completed or aborted, and an aborted one stays so
 *      (C30). The completion of one ends the pending ones below it, but for savepoints (C31).
 * CO9  A savepoint that the job stops behind is the newest checkpoint from the moment it is durable:
 *      nothing older is restored, and nothing newer triggered (C45, A46).
 *
 * `storing` is the point of no return: while the outcome of the write is unknown the checkpoint can
 * neither be given up nor counted, whatever happens to its attempt (C123). Whoever drives this
 * machine retries the write until the outcome is known, and restores nothing meanwhile
 * (`restorePoint`).
 *
 * Source: Flink's CheckpointCoordinator and CheckpointFailureManager. We differ: a restart does not move
 * the schedule, so a trigger that became due meanwhile follows as soon as every task runs; a savepoint
 * that the job stops behind is written down among the checkpoints before whoever asked can find it, so
 * that a new leader knows that the job has stopped.
 * Not here: what is triggered when (checkpoint-schedule.ts), how one ends (checkpoint-outcome.ts), what
 * is kept (checkpoint-retention.ts), messages, retries and files (runtime/checkpoint-driver.ts), who
 * restarts (runtime/failover.ts).
 */
import { assert, unreachable } from "../core/assert.ts";
import { asCheckpointId, asSubtaskIndex, type AttemptId, type CheckpointId } from "../core/ids.ts";
import { ackOf, noAcks, withAck } from "./acknowledgements.ts";
import {
  abort,
  abortCollecting,
  complete,
  expireOverdue,
  pushStopped,
} from "./checkpoint-outcome.ts";
import {
  heldBy,
  keptCheckpoints,
  metadataOf,
  pushDiscardOfLate,
  subsume,
} from "./checkpoint-retention.ts";
import { arrange, enqueued } from "./checkpoint-schedule.ts";
import type {
  CheckpointRequest,
  Coordinator,
  CoordinatorEffect,
  CoordinatorEvent,
  CoordinatorStep,
  PendingCheckpoint,
  TaskAck,
} from "./coordinator-protocol.ts";
import {
  asCompleted,
  ignore,
  isAside,
  pendingOf,
  regionOf,
  stoppedBehind,
  storing,
  taskCount,
} from "./coordinator-state.ts";
import { assertOneContent, onListed } from "./shared-files.ts";
import type { TaskId } from "./task-id.ts";
import { taskKey, taskText } from "./task-id.ts";

export type {
  CheckpointRequest,
  Coordinator,
  CoordinatorConfig,
  CoordinatorEffect,
  CoordinatorEvent,
  CoordinatorStep,
  RestoredFrom,
  RunningRegion,
} from "./coordinator-protocol.ts";
export {
  coordinatorConfig,
  createCoordinator,
  restorePoint,
  stoppedBehind,
  storing,
} from "./coordinator-state.ts";
export type { TaskId } from "./task-id.ts";

export function stepCoordinator(state: Coordinator, event: CoordinatorEvent): CoordinatorStep {
  const effects: CoordinatorEffect[] = [];
  const current = expireOverdue(state, event.nowMs, effects);
  const handled = writeNext(handle(current, event, effects), effects);
  const arranged = arrange(handled, event.nowMs, effects);
  const discards = effects.filter(({ kind }) => kind === "discard").length;
  return { state: { ...arranged, cleaning: arranged.cleaning + discards }, effects };
}

function handle(
  state: Coordinator,
  event: CoordinatorEvent,
  effects: CoordinatorEffect[],
): Coordinator {
  switch (event.kind) {
    case "restored-store":
      return takeStore(state, event, effects);
    case "region-running":
      return startRegion(state, event);
    case "region-ended":
      return endRegion(state, event, effects);
    case "replanned":
      assert(state.running.length === 0, () => "the plan changes while a part of the job runs");
      return { ...state, config: event.config };
    case "requested":
      return request(state, event.request, effects);
    case "tick":
      return { ...state, wakeAtMs: undefined };
    case "hurried":
      if (state.nextTriggerMs === undefined) return state;
      return { ...state, nextTriggerMs: event.nowMs };
    case "acknowledged":
      return acknowledge(state, event.attempt, event.checkpointId, event.ack, effects);
    case "sources-snapshotted": {
      const pending = pendingOf(state, event.checkpointId);
      if (pending?.phase !== "collecting") return ignore(state, "late-sources", effects);
      return replaced(state, { ...pending, sources: event.sources });
    }
    case "line-found":
      return takeLine(state, event, effects);
    case "declined": {
      const pending = collectingOf(state, event.checkpointId, event.attempt, event);
      if (pending === undefined) return ignore(state, "late-decline", effects);
      const why = `${taskText(event)} declined: ${event.why}`;
      const blame = event.overtaken ? "counts-not" : "counts"; // CO10
      return abort(state, pending, why, blame, effects);
    }
    case "ids-reserved": {
      if (event.through <= state.reservedThrough) return ignore(state, "known-ids", effects);
      const reserving = event.through >= state.reserving ? asCheckpointId(0) : state.reserving;
      return { ...state, reservedThrough: event.through, reserving };
    }
    case "metadata-stored":
      return complete(state, event.checkpointId, event.nowMs, effects);
    case "metadata-failed": {
      const pending = storing(state);
      if (pending?.id !== event.checkpointId) return ignore(state, "not-storing", effects);
      return abort(state, pending, `metadata not stored: ${event.why}`, "counts", effects);
    }
    case "discarded":
      assert(state.cleaning > 0, () => "C27 a clean-up is over that never began");
      return { ...state, cleaning: state.cleaning - 1 };
    case "shared-listed":
      return {
        ...state,
        sweep: onListed(state.sweep, event.paths, heldBy(state), state.nextId),
      };
    case "stop":
      return stop(state, effects);
    default:
      return unreachable(event);
  }
}

/**
 * What a new leader found. Left-overs of a clean-up that did not get far are discarded now (C40).
 */
function takeStore(
  state: Coordinator,
  event: CoordinatorEvent & { kind: "restored-store" },
  effects: CoordinatorEffect[],
): Coordinator {
  assert(!state.ready, () => "the store was read twice by one coordinator");
  const { reservedThrough, restoredFrom } = event;
  for (let i = 1; i < event.completed.length; i++) {
    const [a, b] = [event.completed[i - 1]!.id, event.completed[i]!.id];
    assert(a < b, () => `completed checkpoints out of order: ${a} before ${b}`);
  }
  // What is not newer is not of this run: it was left to whoever started it (C46).
  const origin = restoredFrom?.checkpoint;
  const own = event.completed.filter(({ id }) => id > (origin?.id ?? 0));
  const claims = restoredFrom?.claim === true && origin !== undefined;
  // A former run stopped behind it, if any; this one goes on from it.
  const completed = claims ? [{ ...origin, stop: "none" as const }, ...own] : own;
  const highest = Math.max(reservedThrough, own.at(-1)?.id ?? 0, origin?.id ?? 0);
  const through = asCheckpointId(highest);
  const read: Coordinator = {
    ...state,
    ready: true,
    nextId: asCheckpointId(through + 1),
    reservedThrough: through,
    completed,
    restoredFrom: claims ? undefined : origin,
  };
  const stopped = stoppedBehind(read);
  if (stopped !== undefined) pushStopped(read, stopped, effects);
  return subsume(read, effects);
}

function startRegion(
  state: Coordinator,
  event: CoordinatorEvent & { kind: "region-running" },
): Coordinator {
  const { config, running } = state;
  const { region, attempt, tasks, nowMs } = event;
  assert(state.ready, () => `region ${region} runs before the store was read`);
  const other = running.find((each) => each.region === region)?.attempt;
  assert(
    other === undefined,
    () => `attempt ${attempt} of region ${region} runs while ${other} does`,
  );
  const open = state.pending.find(({ phase }) => phase === "collecting")?.id;
  assert(open === undefined, () => `CO5 ${open} outlives its attempt`);
  const unsettled = storing(state);
  assert(
    unsettled === undefined || isAside(unsettled.options),
    () => `attempt ${attempt} runs, ${unsettled?.id} is unsettled`,
  );
  const keys = new Set(tasks.map(taskKey));
  const vertices = config.vertices.flatMap(({ index, parallelism }) => {
    if (!tasks.some(({ vertex }) => vertex === index)) return [];
    for (let i = 0; i < parallelism; i++) {
      const task = { vertex: index, subtask: asSubtaskIndex(i) };
      assert(keys.delete(taskKey(task)), () => `CO3 attempt ${attempt} lacks ${taskText(task)}`);
    }
    const owner = regionOf(running, index)?.region;
    assert(owner === undefined, () => `vertex ${index} is in regions ${owner} and ${region}`);
    return [index];
  });
  assert(keys.size === 0, () => `CO3 attempt ${attempt} has ${keys.size} tasks beyond the plan`);
  const next = [...running, { region, attempt, vertices }].sort((a, b) => a.region - b.region);
  const nextTriggerMs = state.nextTriggerMs ?? nowMs + config.checkpoints.intervalMs;
  return { ...state, running: next, nextTriggerMs };
}

/** C37: what was under way is over; what was asked for and the schedule stay. */
function endRegion(
  state: Coordinator,
  { region, attempt, why }: CoordinatorEvent & { kind: "region-ended" },
  effects: CoordinatorEffect[],
): Coordinator {
  const known = state.running.some((each) => each.region === region && each.attempt === attempt);
  if (!known) return ignore(state, "another-attempt", effects);
  const running = state.running.filter((each) => each.region !== region);
  return abortCollecting({ ...state, running }, why, effects);
}

function request(
  state: Coordinator,
  asked: CheckpointRequest,
  effects: CoordinatorEffect[],
): Coordinator {
  const { name } = asked;
  const known = [...state.requests, ...state.pending.map((pending) => pending.request)];
  if (known.some((other) => other?.name === name)) return ignore(state, "known-request", effects);
  if (state.stopped || stoppedBehind(state) !== undefined) {
    return answered(state, name, "the job has ended", effects);
  }
  return { ...state, requests: enqueued(state.requests, asked) };
}

function stop(state: Coordinator, effects: CoordinatorEffect[]): Coordinator {
  for (const { name } of state.requests) answered(state, name, "the job has ended", effects);
  return abortCollecting({ ...state, stopped: true, requests: [] }, "stopped", effects);
}

function answered(state: Coordinator, name: string, why: string, effects: CoordinatorEffect[]) {
  effects.push({ kind: "answer", name, done: false, why });
  return state;
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
  const pending = collectingOf(state, checkpointId, attempt, ack);
  if (pending === undefined || ackOf(pending, ack) !== undefined || !isTask(state, ack)) {
    pushDiscardOfLate(state, checkpointId, ack.stored, effects);
    return ignore(state, pending === undefined ? "late-ack" : "unexpected-ack", effects);
  }
  return replaced(state, withAck(pending, ack));
}

/** It is stored under the newest id there is: no part of it has a higher one. */
function takeLine(
  state: Coordinator,
  { acks, sources }: CoordinatorEvent & { kind: "line-found" },
  effects: CoordinatorEffect[],
): Coordinator {
  const newest = state.pending.findLast(({ phase }) => phase === "collecting");
  if (newest === undefined) {
    effects.push({ kind: "line-unused" });
    return state;
  }
  const empty: PendingCheckpoint = { ...newest, ...noAcks(state.config.vertices), sources };
  return replaced(state, acks.reduce(withAck, empty));
}

/** CO2: the write of one is seen through before that of the next begins. */
function writeNext(state: Coordinator, effects: CoordinatorEffect[]): Coordinator {
  if (storing(state) !== undefined) return state;
  const count = taskCount(state);
  const next = state.pending.find((each) => each.ackCount === count && each.sources !== undefined);
  if (next === undefined) return state;
  const checkpoint = asCompleted(state, next);
  assertOneContent(checkpoint, keptCheckpoints(state));
  effects.push({ kind: "store-metadata", checkpoint, path: metadataOf(state, checkpoint) });
  return replaced(state, { ...next, phase: "storing" });
}

/** The pending checkpoint that still takes word of this id from this task's exact attempt (C28). */
function collectingOf(
  state: Coordinator,
  id: CheckpointId,
  attempt: AttemptId,
  { vertex }: TaskId,
): PendingCheckpoint | undefined {
  const pending = pendingOf(state, id);
  if (pending?.phase !== "collecting") return undefined;
  const region = regionOf(pending.regions, vertex);
  // A vertex that there is not stands for no other attempt: the task is what is wrong.
  const expected = region?.attempt ?? pending.regions[0]?.attempt;
  return expected === attempt ? pending : undefined;
}

function replaced(state: Coordinator, pending: PendingCheckpoint): Coordinator {
  const next = state.pending.map((each) => (each.id === pending.id ? pending : each));
  return { ...state, pending: next };
}

/** CO6: whether this very file has been acknowledged, for a checkpoint that is kept or pending. */
function isHeld(state: Coordinator, path: string): boolean {
  for (const { acks } of state.pending) {
    for (const ofVertex of acks) {
      if (ofVertex.some((ack) => ack?.stored.handle.path === path)) return true;
    }
  }
  return keptCheckpoints(state).some(({ vertices }) =>
    vertices.some(({ subtasks }) => subtasks.some(({ stored }) => stored.handle.path === path)),
  );
}

const isTask = (state: Coordinator, { vertex, subtask }: TaskId): boolean =>
  state.config.vertices.some(({ index, parallelism }) => index === vertex && subtask < parallelism);
