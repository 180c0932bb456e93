/**
 * How a pending checkpoint ends: completed, with all that follows from that, or given up.
 *
 *   stored --> announced --> lower ones dropped --> older ones subsumed --> shared files swept
 *   given up --> announced --> what it alone had stored discarded --> counted, or not
 *
 * CO10  More failures in a row than are tolerated end the job's attempt, once; each checkpoint counts at
 *       most once, and only if it is the job's or its storage's fault that it failed (C35). A task that
 *       declines since a newer one came first has done nothing wrong, so that is like being subsumed.
 *
 * The rules over the whole life are in coordinator.ts: CO4, CO5, CO9.
 */
import { assert } from "../core/assert.ts";
import type { CheckpointId } from "../core/ids.ts";
import { acksOf } from "./acknowledgements.ts";
import type { CompletedCheckpoint } from "./checkpoint-metadata.ts";
import { savepointMetadataPath } from "./checkpoint-paths.ts";
import { heldBy, pushDiscard, release, subsume } from "./checkpoint-retention.ts";
import { expiryMs } from "./checkpoint-schedule.ts";
import type { Coordinator, CoordinatorEffect, PendingCheckpoint } from "./coordinator-protocol.ts";
import { asCompleted, ignore, isAside, storing } from "./coordinator-state.ts";
import { onCompleted, onListing, wantsListing } from "./shared-files.ts";

/** Whether the job is the worse for it, and is not to go on like that for ever (C35). */
type Blame = "counts" | "counts-not";

export function complete(
  state: Coordinator,
  checkpointId: CheckpointId,
  nowMs: number,
  effects: CoordinatorEffect[],
): Coordinator {
  const pending = storing(state);
  if (pending?.id !== checkpointId) return ignore(state, "not-storing", effects);
  const checkpoint = asCompleted(state, pending);
  const aside = isAside(pending.options);
  const regions = aside ? [] : pending.regions;
  const allEnded = !aside && acksOf(pending).every((ack) => ack.ended);
  effects.push({ kind: "announce-completed", checkpoint, regions, allEnded });
  const over = { ...without(state, checkpointId), lastCompletedMs: nowMs };
  if (aside) {
    effects.push({ kind: "answer", name: checkpoint.name, done: true, why: "" });
    return release(over, effects);
  }
  const newest = state.completed.at(-1)?.id ?? 0;
  assert(newest < checkpointId, () => `CO1 ${checkpointId} completes after ${newest}`);
  const completed = [...over.completed, checkpoint];
  const kept = dropLower({ ...over, completed, failures: 0 }, checkpointId, effects);
  if (checkpoint.stop !== "none") pushStopped(kept, checkpoint, effects);
  return sweepShared(subsume(kept, effects), checkpoint, effects);
}

/** C31 */
function dropLower(
  state: Coordinator,
  checkpointId: CheckpointId,
  effects: CoordinatorEffect[],
): Coordinator {
  let next = state;
  for (const pending of state.pending) {
    if (pending.id > checkpointId || pending.options.purpose === "savepoint") continue;
    next = abort(next, pending, `checkpoint ${checkpointId} is complete`, "counts-not", effects);
  }
  return next;
}

export function pushStopped(
  { config }: Coordinator,
  checkpoint: CompletedCheckpoint,
  effects: CoordinatorEffect[],
): void {
  const path = savepointMetadataPath(config.jobName, checkpoint.id, checkpoint.name);
  effects.push({ kind: "job-stopped", checkpoint, path });
}

function sweepShared(
  state: Coordinator,
  checkpoint: CompletedCheckpoint,
  effects: CoordinatorEffect[],
): Coordinator {
  const { sweep, dead } = onCompleted(state.sweep, checkpoint.id, heldBy(state));
  if (dead.length > 0) effects.push({ kind: "delete-files", files: dead });
  if (!wantsListing(sweep, checkpoint)) return { ...state, sweep };
  effects.push({ kind: "list-shared" });
  return { ...state, sweep: onListing(sweep) };
}

/** What is being stored is past expiring. */
export function expireOverdue(
  state: Coordinator,
  nowMs: number,
  effects: CoordinatorEffect[],
): Coordinator {
  let next = state;
  for (const pending of state.pending) {
    if (pending.phase === "collecting" && nowMs >= expiryMs(state, pending)) {
      next = abort(next, pending, "expired", "counts", effects);
    }
  }
  return next;
}

export function abortCollecting(
  state: Coordinator,
  why: string,
  effects: CoordinatorEffect[],
): Coordinator {
  let next = state;
  for (const pending of state.pending) {
    if (pending.phase === "collecting") next = abort(next, pending, why, "counts-not", effects);
  }
  return next;
}

export function abort(
  state: Coordinator,
  pending: PendingCheckpoint,
  why: string,
  blame: Blame,
  effects: CoordinatorEffect[],
): Coordinator {
  const { id: checkpointId, regions, options, request: asked } = pending;
  effects.push({ kind: "announce-aborted", checkpointId, regions, why });
  pushDiscard(state, pending, effects);
  if (asked !== undefined) effects.push({ kind: "answer", name: asked.name, done: false, why });
  const next = release(without(state, checkpointId), effects);
  if (blame === "counts-not" || options.purpose === "savepoint") return next;
  return countFailure(next, checkpointId, why, effects);
}

/** C35: each id fails once; a completed one makes up for those before it. */
function countFailure(
  state: Coordinator,
  checkpointId: CheckpointId,
  cause: string,
  effects: CoordinatorEffect[],
): Coordinator {
  const { tolerableFailures } = state.config.checkpoints;
  const failures = state.failures + 1;
  if (failures <= tolerableFailures) return { ...state, failures };
  const why = `checkpoint ${checkpointId} failed (${cause}), and ${tolerableFailures} may in a row`;
  effects.push({ kind: "too-many-failures", why });
  // Nothing runs any more as far as checkpoints go, whenever the last task is known to be gone.
  return abortCollecting({ ...state, failures: 0, running: [] }, why, effects);
}

const without = (state: Coordinator, id: CheckpointId): Coordinator => ({
  ...state,
  pending: state.pending.filter((pending) => pending.id !== id),
});
