/** What the checkpoint coordinator starts from, and what a checkpoint is once all of it is in. */
import { assert, present } from "../core/assert.ts";
import {
  asAttemptId,
  asCheckpointId,
  asSubtaskIndex,
  type AttemptId,
  type CheckpointId,
  type VertexIndex,
} from "../core/ids.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import { ackOf } from "./acknowledgements.ts";
import type { CompletedCheckpoint } from "./checkpoint-metadata.ts";
import type {
  Coordinator,
  CoordinatorConfig,
  CoordinatorEffect,
  PendingCheckpoint,
  RunningRegion,
} from "./coordinator-protocol.ts";
import { createSweep } from "./shared-files.ts";
import { taskText } from "./task-id.ts";

export const coordinatorConfig = (plan: PhysicalPlan): CoordinatorConfig => ({
  jobName: plan.graph.name,
  checkpoints: plan.graph.checkpoints,
  vertices: plan.vertices.map(({ index, chain, parallelism, maxParallelism }) => ({
    index,
    operators: chain.map((node) => node.uid),
    parallelism,
    maxParallelism,
  })),
  sources: plan.vertices.flatMap(({ chain }) =>
    chain.flatMap(({ logic, uid }) => (logic.kind === "source" ? [uid] : [])),
  ),
});

export const createCoordinator = (config: CoordinatorConfig): Coordinator => ({
  config,
  ready: false,
  stopped: false,
  nextId: asCheckpointId(1),
  reservedThrough: asCheckpointId(0),
  reserving: asCheckpointId(0),
  running: [],
  requests: [],
  pending: [],
  completed: [],
  lingering: [],
  restoredFrom: undefined,
  cleaning: 0,
  failures: 0,
  sweep: createSweep(),
  nextTriggerMs: undefined,
  lastCompletedMs: undefined,
  wakeAtMs: undefined,
});

/**
 * Where a restart goes back to. `unsettled` while the outcome of a metadata write is unknown:
 * deploy nothing until it is (C123). `none`: the job starts afresh.
 */
export type RestorePoint = Readonly<
  | { kind: "checkpoint"; checkpoint: CompletedCheckpoint }
  | { kind: "none" }
  | { kind: "unsettled"; checkpointId: CheckpointId }
>;

/**
 * C47: the completed checkpoint with the highest id; before the first, what the job was started from.
 * A savepoint counts only if the job stops behind it (C42): then nothing older does (A46).
 */
export function restorePoint(state: Coordinator): RestorePoint {
  assert(state.ready, () => "restore point asked for before the store was read");
  const open = storing(state);
  if (open !== undefined && !isAside(open.options)) {
    return { kind: "unsettled", checkpointId: open.id };
  }
  const checkpoint = state.completed.at(-1) ?? state.restoredFrom;
  return checkpoint === undefined ? { kind: "none" } : { kind: "checkpoint", checkpoint };
}

/** The savepoint that the job has stopped behind, if it has. */
export function stoppedBehind({ completed }: Coordinator): CompletedCheckpoint | undefined {
  const newest = completed.at(-1);
  return newest === undefined || newest.stop === "none" ? undefined : newest;
}

/** A savepoint on the way: no part of the sequence of checkpoints that the job goes back to (C42). */
export const isAside = ({
  purpose,
  stop,
}: Pick<PendingCheckpoint["options"], "purpose" | "stop">): boolean =>
  purpose === "savepoint" && stop === "none";

/** The one whose metadata is being written (CO2). */
export const storing = ({ pending }: Coordinator): PendingCheckpoint | undefined =>
  pending.find(({ phase }) => phase === "storing");

export const pendingOf = (state: Coordinator, id: CheckpointId): PendingCheckpoint | undefined =>
  state.pending.find((pending) => pending.id === id);

export const regionOf = (
  regions: readonly RunningRegion[],
  vertex: VertexIndex,
): RunningRegion | undefined => regions.find(({ vertices }) => vertices.includes(vertex));

export const taskCount = ({ config }: Coordinator): number =>
  config.vertices.reduce((count, { parallelism }) => count + parallelism, 0);

/** C24: whether every task has been reported as running, in whatever region. */
export const allRun = ({ config, running }: Coordinator): boolean =>
  config.vertices.every(({ index }) => regionOf(running, index) !== undefined);

/** CO3: throws where a part is missing. */
export function asCompleted(state: Coordinator, pending: PendingCheckpoint): CompletedCheckpoint {
  const { id, options, request } = pending;
  const { jobName } = state.config;
  const vertices = state.config.vertices.map((shape) => ({
    ...shape,
    subtasks: Array.from({ length: shape.parallelism }, (_, i) => {
      const task = { vertex: shape.index, subtask: asSubtaskIndex(i) };
      const ack = ackOf(pending, task);
      const found = present(ack, () => `CO3 checkpoint ${id} lacks ${taskText(task)}`);
      return { subtask: found.subtask, stored: found.stored, ended: found.ended };
    }),
  }));
  const sources = present(pending.sources, () => `CO3 checkpoint ${id} lacks its enumerators`);
  const uids = sources.map(({ uid }) => uid).join();
  assert(uids === state.config.sources.join(), () => `CO3 checkpoint ${id} has sources ${uids}`);
  const { purpose: kind, stop, mode } = options;
  const name = kind === "savepoint" ? (request?.name ?? "") : "";
  const attempt = newestAttempt(pending.regions);
  return { id, kind, name, stop, mode, attempt, jobName, vertices, sources };
}

const newestAttempt = (regions: readonly RunningRegion[]): AttemptId =>
  asAttemptId(regions.reduce((newest, { attempt }) => Math.max(newest, attempt), 0));

/** Doing nothing is an effect too. */
export function ignore(state: Coordinator, why: string, effects: CoordinatorEffect[]): Coordinator {
  effects.push({ kind: "ignore", why });
  return state;
}
