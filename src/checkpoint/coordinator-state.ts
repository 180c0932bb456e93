/** What the checkpoint coordinator starts from, and what a checkpoint is once all of it is in. */
import { assert, present } from "../core/assert.ts";
import { asCheckpointId, asSubtaskIndex } from "../core/ids.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import { ackOf } from "./acknowledgements.ts";
import type { CompletedCheckpoint } from "./checkpoint-metadata.ts";
import type { Coordinator, CoordinatorConfig, PendingCheckpoint } from "./coordinator-protocol.ts";
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
  running: undefined,
  pending: undefined,
  completed: [],
  nextTriggerMs: undefined,
  lastCompletedMs: undefined,
  wakeAtMs: undefined,
});

/** CO3: throws where a part is missing. */
export function asCompleted(state: Coordinator, pending: PendingCheckpoint): CompletedCheckpoint {
  const { id, attempt } = pending;
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
  const purpose = { kind: "checkpoint", name: "", stop: "none", mode: "aligned" } as const;
  return { id, ...purpose, attempt, jobName: state.config.jobName, vertices, sources };
}
