/**
 * Which stored files one subtask needs for a restore, of all that a checkpoint has.
 *
 * With unchanged parallelism a subtask needs its own file, and of its siblings those with union state.
 * With another one, state lies where it has to leave: keyed state and timers in the files of all whose
 * key groups overlap its own range, operator state that is dealt out in any file at all.
 *
 *   vertex of the checkpoint, 3 subtasks    |-- 0 --|-- 1 --|-- 2 --|      key groups
 *   vertex of the plan, 2 subtasks          |---- 0 ----|---- 1 ----|      0 needs 0 and 1
 *
 * Records that were under way have no state to look for, so an operator without any needs them just the
 * same (A13): those that its own input held, and those that its senders had not got rid of.
 *
 * NE1  The files with an entry, a timer or an element for a subtask are among those that it needs.
 * NE2  Each file with records that were under way is needed by somebody, or the restore is refused.
 *
 * Not here: what is taken from the files (`../state/redistribution.ts`).
 */
import type { OperatorUid, SubtaskIndex, VertexIndex } from "../core/ids.ts";
import type { StoredFile } from "../core/stored-file.ts";
import type { LogicalNode } from "../graph/logical-graph.ts";
import type { Edge, PhysicalPlan, Vertex } from "../graph/physical-plan.ts";
import { rangeOf } from "../state/key-groups.ts";
import type { SnapshotHandle } from "../state/operator-snapshot.ts";
import type { CheckpointSubtask, CheckpointVertex } from "./checkpoint-metadata.ts";

/** A file, and who wrote it: a subtask of the checkpoint's vertex, so many there were of them. */
export type WrittenHandle = Readonly<{
  vertex: VertexIndex;
  subtask: SubtaskIndex;
  parallelism: number;
  handle: SnapshotHandle;
}>;

/** Records that were under way when a subtask of the checkpoint's vertex stored them. */
export type WrittenInFlight = Readonly<{
  vertex: VertexIndex;
  subtask: SubtaskIndex;
  file: StoredFile;
}>;

/** The files of `source` with state for `subtask` of `vertex`. */
export function neededHandles(
  source: CheckpointVertex,
  vertex: Vertex,
  subtask: SubtaskIndex,
): readonly WrittenHandle[] {
  const { index, parallelism, subtasks } = source;
  const wanted =
    parallelism === vertex.parallelism
      ? (part: CheckpointSubtask): boolean => part.subtask === subtask || part.stored.handle.shared
      : wantedOnRescaling(source, vertex, subtask);
  return subtasks.filter(wanted).map((part) => ({
    vertex: index,
    subtask: part.subtask,
    parallelism,
    handle: part.stored.handle,
  }));
}

function wantedOnRescaling(
  source: CheckpointVertex,
  vertex: Vertex,
  subtask: SubtaskIndex,
): (part: CheckpointSubtask) => boolean {
  const theirs = new Set<OperatorUid>(source.operators);
  const common = vertex.chain.filter(({ uid }) => theirs.has(uid));
  if (common.some(keepsOperatorState)) return () => true;
  const { maxParallelism } = source;
  const own = rangeOf(subtask, vertex.parallelism, maxParallelism);
  return (part) => {
    const range = rangeOf(part.subtask, source.parallelism, maxParallelism);
    return range.first <= own.last && own.first <= range.last;
  };
}

/**
 * Whether an operator may have stored elements that are dealt out anew. Who does not is listed, so that
 * one that is new among them reads too much rather than too little.
 */
function keepsOperatorState({ logic }: LogicalNode): boolean {
  switch (logic.kind) {
    case "map":
    case "filter":
    case "flat-map":
    case "assign-watermarks":
    case "bundle":
    case "keyed-process":
    case "keyed-co-process":
    case "reduce":
    case "window":
    case "co-group":
    case "interval-join":
    case "join":
    case "deduplicate":
    case "top-n":
    case "pattern":
      return false;
    default:
      return true;
  }
}

/** Records that were under way to `subtask` of `vertex`: what its input held, then what its senders did. */
export function neededInFlight(
  stored: readonly CheckpointVertex[],
  plan: PhysicalPlan,
  vertex: Vertex,
  subtask: SubtaskIndex,
): readonly WrittenInFlight[] {
  const needed: WrittenInFlight[] = [];
  const take = (source: CheckpointVertex, only: boolean): void => {
    for (const part of source.subtasks) {
      const file = part.stored.inFlight;
      if (file === undefined || (only && part.subtask !== subtask)) continue;
      const { index } = source;
      if (needed.some((one) => one.vertex === index && one.subtask === part.subtask)) continue;
      needed.push({ vertex: index, subtask: part.subtask, file });
    }
  };
  for (const source of stored) {
    if (headOf(source) !== vertex.chain[0]?.uid) continue;
    take(source, source.parallelism === vertex.parallelism);
  }
  for (const edge of vertex.inputs) {
    const sender = plan.vertices[edge.from]?.chain.at(-1)?.uid;
    for (const source of stored) {
      if (source.operators.at(-1) !== sender) continue;
      take(source, sendsToItsLike(edge, source, vertex));
    }
  }
  return needed;
}

/** Subtask 3 sends to subtask 3 alone, then as now. */
const sendsToItsLike = ({ exchange }: Edge, sender: CheckpointVertex, receiver: Vertex): boolean =>
  exchange.kind === "forward" && sender.parallelism === receiver.parallelism;

const headOf = ({ operators }: CheckpointVertex): OperatorUid | undefined => operators[0];

/** NE2: the operator whose records under way nobody would find any more; undefined: all are found. */
export function strandedInFlight(
  stored: readonly CheckpointVertex[],
  plan: PhysicalPlan,
): OperatorUid | undefined {
  const heads = new Set(plan.vertices.map(({ chain }) => chain[0]?.uid));
  const tails = new Set(plan.vertices.map(({ chain }) => chain.at(-1)?.uid));
  for (const { operators, subtasks } of stored) {
    if (subtasks.every((part) => part.stored.inFlight === undefined)) continue;
    const [head, tail] = [operators[0], operators.at(-1)];
    if (head !== undefined && !heads.has(head)) return head;
    if (tail !== undefined && !tails.has(tail)) return tail;
  }
  return undefined;
}
