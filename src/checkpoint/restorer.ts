/**
 * Decides what a job goes back to, and which subtask gets which stored state.
 *
 * State is found by operator uid, not by position: a job that was changed may chain its operators
 * in another way, and then a subtask reads several files, or several subtasks read one.
 *
 * RS1  The newest complete checkpoint is the one with the numerically highest id that has a
 *      metadata file; what cannot be read is an error, and no older one takes its place (C47, C48).
 * RS2  Stored state without an operator is an error (C50). An operator without stored state starts
 *      empty, and is told by the checkpoint id that the job was restored all the same.
 * RS3  Max parallelism is fixed for the life of the state (C56).
 * RS4  A subtask reads its own files, and of its siblings those with union state (C60).
 *
 * Source: Flink's StateAssignmentOperation. We differ: another parallelism is refused.
 * Not here: reading files (runtime/job-manager.ts), decoding them (checkpoint-metadata.ts), which
 * elements of operator state go to whom (state/redistribution.ts).
 */
import { unreachable } from "../core/assert.ts";
import type { CheckpointId, OperatorUid, SubtaskIndex, VertexIndex } from "../core/ids.ts";
import { compareNumbers } from "../core/ordered.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { PhysicalPlan, Vertex } from "../graph/physical-plan.ts";
import type { SnapshotHandle } from "../state/operator-snapshot.ts";
import type { CheckpointVertex, CompletedCheckpoint } from "./checkpoint-metadata.ts";
import { parseCheckpointPath } from "./checkpoint-paths.ts";

/** The ids of the complete checkpoints of a job among the paths of a listing, ascending. */
export function completeCheckpoints(jobName: string, paths: readonly string[]): CheckpointId[] {
  const ids = new Set<CheckpointId>();
  for (const path of paths) {
    const parsed = parseCheckpointPath(jobName, path);
    if (parsed?.isMetadata === true) ids.add(parsed.checkpointId);
  }
  return [...ids].sort(compareNumbers);
}

/** RS1: what a restart goes back to; undefined where nothing was ever completed. */
export const latestCheckpoint = (
  jobName: string,
  paths: readonly string[],
): CheckpointId | undefined => completeCheckpoints(jobName, paths).at(-1);

/** A file, and the subtask that wrote it. */
export type WrittenHandle = Readonly<{ subtask: SubtaskIndex; handle: SnapshotHandle }>;
export type RestoredSubtask = Readonly<{
  subtask: SubtaskIndex;
  /**
   * Every file that holds state of this subtask's operators; empty when all of them start empty.
   */
  handles: readonly WrittenHandle[];
  /** Its input had ended: it runs no user code, commits what is pending, and ends (C116). */
  ended: boolean;
}>;
export type RestoredVertex = Readonly<{
  vertex: VertexIndex;
  subtasks: readonly RestoredSubtask[];
}>;
export type RestorePlan = Readonly<{
  checkpointId: CheckpointId;
  /** In the order of the plan's vertices. */
  vertices: readonly RestoredVertex[];
}>;

export type RestoreError = Readonly<
  | { kind: "operator-missing"; checkpointId: CheckpointId; uid: OperatorUid }
  | { kind: "operator-twice"; checkpointId: CheckpointId; uid: OperatorUid }
  | {
      kind: "max-parallelism-changed" | "parallelism-changed";
      checkpointId: CheckpointId;
      uid: OperatorUid;
      stored: number;
      wanted: number;
    }
  /** Chained anew out of operators of which some had ended and some had not. */
  | { kind: "partly-ended"; checkpointId: CheckpointId; uid: OperatorUid; subtask: SubtaskIndex }
>;

export function planRestore(
  checkpoint: CompletedCheckpoint,
  plan: PhysicalPlan,
): Result<RestorePlan, RestoreError> {
  const checkpointId = checkpoint.id;
  const stored = new Map<OperatorUid, CheckpointVertex>();
  for (const vertex of checkpoint.vertices) {
    for (const uid of vertex.operators) {
      if (stored.has(uid)) return err({ kind: "operator-twice", checkpointId, uid });
      stored.set(uid, vertex);
    }
  }
  const wanted = new Set(plan.vertices.flatMap(({ chain }) => chain.map(({ uid }) => uid)));
  for (const { operators } of checkpoint.vertices) {
    const missing = operators.find((uid) => !wanted.has(uid));
    if (missing !== undefined) return err({ kind: "operator-missing", checkpointId, uid: missing });
  }
  const vertices: RestoredVertex[] = [];
  for (const vertex of plan.vertices) {
    const restored = restoreVertex(checkpointId, vertex, stored);
    if (!restored.ok) return restored;
    vertices.push(restored.value);
  }
  return ok({ checkpointId, vertices });
}

function restoreVertex(
  checkpointId: CheckpointId,
  vertex: Vertex,
  stored: ReadonlyMap<OperatorUid, CheckpointVertex>,
): Result<RestoredVertex, RestoreError> {
  const sources: CheckpointVertex[] = [];
  for (const { uid } of vertex.chain) {
    const source = stored.get(uid);
    if (source === undefined) continue;
    const changed = (
      kind: "max-parallelism-changed" | "parallelism-changed",
      a: number,
      b: number,
    ) => err<RestoreError>({ kind, checkpointId, uid, stored: a, wanted: b });
    if (source.maxParallelism !== vertex.maxParallelism) {
      return changed("max-parallelism-changed", source.maxParallelism, vertex.maxParallelism);
    }
    if (source.parallelism !== vertex.parallelism) {
      return changed("parallelism-changed", source.parallelism, vertex.parallelism);
    }
    if (!sources.includes(source)) sources.push(source);
  }
  const subtasks: RestoredSubtask[] = [];
  for (let i = 0; i < vertex.parallelism; i++) {
    const subtask = i as SubtaskIndex;
    const parts = sources.map((source) => source.subtasks[i]!);
    const ended = parts.length > 0 && parts.every((part) => part.ended);
    if (!ended && parts.some((part) => part.ended)) {
      return err({ kind: "partly-ended", checkpointId, uid: vertex.chain[0]!.uid, subtask });
    }
    const read = sources.flatMap((source) =>
      source.subtasks.filter((part) => part.subtask === i || part.handle.shared),
    );
    const handles = read.map((part) => ({ subtask: part.subtask, handle: part.handle }));
    subtasks.push({ subtask, handles, ended });
  }
  return ok({ vertex: vertex.index, subtasks });
}

/** One line for people: which operator, what was expected, what to do. */
export function restoreErrorText(error: RestoreError): string {
  const where = `restore from checkpoint ${error.checkpointId}: operator "${error.uid}"`;
  switch (error.kind) {
    case "operator-missing":
      return (
        `${where} has state there, but the job has no operator of that uid; ` +
        `give it back its uid, or start without a checkpoint`
      );
    case "operator-twice":
      return `${where} occurs twice; give every operator a uid of its own`;
    case "max-parallelism-changed":
      return (
        `${where}: max parallelism ${error.wanted}, but its state has ${error.stored}; ` +
        `keep ${error.stored}, or start without a checkpoint`
      );
    case "parallelism-changed":
      return (
        `${where}: parallelism ${error.wanted}, but its state has ${error.stored}, ` +
        `and rescaling is not supported; use ${error.stored}`
      );
    case "partly-ended":
      return (
        `${where}, subtask ${error.subtask}: its chain joins operators of which some had ended ` +
        `and some had not; chain them as before`
      );
    default:
      return unreachable(error);
  }
}
