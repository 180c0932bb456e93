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
 * RS3  Max parallelism is fixed for the life of the state (C56); parallelism is not.
 * RS4  With another parallelism a subtask is restored as ended only if all there were had ended. Were
 *      some of them, the rest is done again by those that were not: they find the state of all, and an
 *      end of input once more. A function that then emits what it has gathered would emit the share of
 *      the ended twice, so beside one of those the parallelism cannot be changed (C116).
 *
 * Source: Flink's StateAssignmentOperation. We differ: there no vertex is rescaled of which a part has
 * ended.
 * Not here: which files a subtask needs (restore-needs.ts), reading them (runtime/snapshot-fetch.ts),
 * decoding them (checkpoint-metadata.ts), which elements of operator state go to whom
 * (state/redistribution.ts).
 */
import { unreachable } from "../core/assert.ts";
import {
  asSubtaskIndex,
  type CheckpointId,
  type OperatorUid,
  type SubtaskIndex,
  type VertexIndex,
} from "../core/ids.ts";
import { compareNumbers } from "../core/ordered.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { LogicalNode } from "../graph/logical-graph.ts";
import type { PhysicalPlan, Vertex } from "../graph/physical-plan.ts";
import type { CheckpointVertex, CompletedCheckpoint } from "./checkpoint-metadata.ts";
import { parseCheckpointPath } from "./checkpoint-paths.ts";
import {
  neededHandles,
  neededInFlight,
  strandedInFlight,
  type WrittenHandle,
  type WrittenInFlight,
} from "./restore-needs.ts";

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

export type { WrittenHandle, WrittenInFlight } from "./restore-needs.ts";
export type RestoredSubtask = Readonly<{
  subtask: SubtaskIndex;
  /**
   * Every file that may hold state of this subtask's operators; empty when all of them start empty.
   */
  handles: readonly WrittenHandle[];
  /** Every file that may hold records on their way to this subtask (C21). */
  inFlight: readonly WrittenInFlight[];
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
export type RestoreOptions = Readonly<{
  /** State that no operator of the job asks for is left behind (C50); false by default. */
  allowNonRestoredState?: boolean;
}>;

export type RestoreError = Readonly<
  | { kind: "operator-missing"; checkpointId: CheckpointId; uid: OperatorUid }
  | { kind: "operator-twice"; checkpointId: CheckpointId; uid: OperatorUid }
  | {
      kind: "max-parallelism-changed" | "parallelism-too-high";
      checkpointId: CheckpointId;
      uid: OperatorUid;
      stored: number;
      wanted: number;
    }
  /** Chained anew out of operators of which some had ended and some had not. */
  | { kind: "partly-ended"; checkpointId: CheckpointId; uid: OperatorUid; subtask: SubtaskIndex }
  /** RS4: its function has emitted, in some subtasks, what it had gathered. */
  | { kind: "partly-emitted"; checkpointId: CheckpointId; uid: OperatorUid; stored: number }
  /** It is head or tail of its chain no more, and records were under way to or from it. */
  | { kind: "in-flight-stranded"; checkpointId: CheckpointId; uid: OperatorUid }
>;

/** Pure: whether a job could be restored may be asked before the one that runs is given up. */
export function planRestore(
  checkpoint: CompletedCheckpoint,
  plan: PhysicalPlan,
  options: RestoreOptions = {},
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
  const missing = [...stored.keys()].find((uid) => !wanted.has(uid));
  if (missing !== undefined && options.allowNonRestoredState !== true) {
    return err({ kind: "operator-missing", checkpointId, uid: missing });
  }
  const stranded = strandedInFlight(checkpoint.vertices, plan);
  if (stranded !== undefined) {
    return err({ kind: "in-flight-stranded", checkpointId, uid: stranded });
  }
  const vertices: RestoredVertex[] = [];
  for (const vertex of plan.vertices) {
    const sources = sourcesOf(checkpointId, vertex, stored);
    if (!sources.ok) return sources;
    const restored = restoreVertex(checkpoint, plan, vertex, sources.value);
    if (!restored.ok) return restored;
    vertices.push(restored.value);
  }
  return ok({ checkpointId, vertices });
}

/** The vertices of the checkpoint that a vertex takes after. */
function sourcesOf(
  checkpointId: CheckpointId,
  vertex: Vertex,
  stored: ReadonlyMap<OperatorUid, CheckpointVertex>,
): Result<readonly CheckpointVertex[], RestoreError> {
  const { parallelism, maxParallelism } = vertex;
  const sources: CheckpointVertex[] = [];
  for (const { uid } of vertex.chain) {
    const source = stored.get(uid);
    if (source === undefined) continue;
    const of = { checkpointId, uid, stored: source.maxParallelism } as const;
    if (source.maxParallelism !== maxParallelism) {
      return err({ kind: "max-parallelism-changed", ...of, wanted: maxParallelism });
    }
    if (parallelism > source.maxParallelism) {
      return err({ kind: "parallelism-too-high", ...of, wanted: parallelism });
    }
    if (!sources.includes(source)) sources.push(source);
  }
  return ok(sources);
}

/** RS4: an operator of which some subtasks have emitted what their functions had gathered. */
function emittedTwice(
  { chain }: Vertex,
  sources: readonly CheckpointVertex[],
): Readonly<{ kind: "partly-emitted"; uid: OperatorUid; stored: number }> | undefined {
  for (const source of sources) {
    if (endedOf(source) !== "partly") continue;
    const node = chain.find(
      ({ uid, logic }) => source.operators.includes(uid) && emitsAtEnd(logic),
    );
    if (node === undefined) continue;
    return { kind: "partly-emitted", uid: node.uid, stored: source.parallelism };
  }
  return undefined;
}

const emitsAtEnd = ({ kind }: LogicalNode["logic"]): boolean =>
  kind === "process" || kind === "co-process";

function endedOf({ subtasks }: CheckpointVertex): "all" | "partly" | "none" {
  const count = subtasks.filter(({ ended }) => ended).length;
  if (count === 0) return "none";
  return count === subtasks.length ? "all" : "partly";
}

function restoreVertex(
  checkpoint: CompletedCheckpoint,
  plan: PhysicalPlan,
  vertex: Vertex,
  sources: readonly CheckpointVertex[],
): Result<RestoredVertex, RestoreError> {
  const rescaled = sources.some(({ parallelism }) => parallelism !== vertex.parallelism);
  const again = rescaled ? emittedTwice(vertex, sources) : undefined;
  if (again !== undefined) return err({ checkpointId: checkpoint.id, ...again });
  const subtasks: RestoredSubtask[] = [];
  for (let i = 0; i < vertex.parallelism; i++) {
    const subtask = asSubtaskIndex(i);
    const over = sources.map((source) =>
      rescaled ? endedOf(source) === "all" : source.subtasks[i]!.ended,
    );
    const ended = over.length > 0 && over.every((one) => one);
    if (!ended && over.includes(true)) {
      const { uid } = vertex.chain[0]!;
      return err({ kind: "partly-ended", checkpointId: checkpoint.id, uid, subtask });
    }
    const handles = sources.flatMap((source) => neededHandles(source, vertex, subtask));
    const inFlight = neededInFlight(checkpoint.vertices, plan, vertex, subtask);
    subtasks.push({ subtask, handles, inFlight, ended });
  }
  return ok({ vertex: vertex.index, subtasks });
}

/** One line for people: which operator, what was expected, what to do. */
export function restoreErrorText(error: RestoreError): string {
  const where = `restore from checkpoint ${error.checkpointId}: operator "${error.uid}"`;
  switch (error.kind) {
    case "operator-missing":
      return (
        `${where} has state there, but the job has no operator of that uid; give it back its uid, ` +
        `start without a checkpoint, or allow state to be left behind`
      );
    case "operator-twice":
      return `${where} occurs twice; give every operator a uid of its own`;
    case "max-parallelism-changed":
      return (
        `${where}: max parallelism ${error.wanted}, but its state has ${error.stored}; ` +
        `keep ${error.stored}, or start without a checkpoint`
      );
    case "parallelism-too-high":
      return (
        `${where}: parallelism ${error.wanted}, but its state has ${error.stored} key groups; ` +
        `use at most ${error.stored}, or start without a checkpoint`
      );
    case "partly-ended":
      return (
        `${where}, subtask ${error.subtask}: its chain joins operators of which some had ended ` +
        `and some had not; chain them as before`
      );
    case "partly-emitted":
      return (
        `${where}: some of its ${error.stored} subtasks had come to their end, and their function ` +
        `would be asked for its last output twice; keep parallelism ${error.stored}`
      );
    case "in-flight-stranded":
      return (
        `${where}: records were under way to or from it, and it is chained in another way now; ` +
        `chain it as before, or start from a savepoint`
      );
    default:
      return unreachable(error);
  }
}
