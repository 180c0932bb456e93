/**
 * What goes into the checkpoint coordinator, what comes out of it, and what it keeps in between.
 *
 * The transitions, and the invariants over this state, are in coordinator.ts.
 */
import type {
  AttemptId,
  CheckpointId,
  OperatorUid,
  SubtaskIndex,
  VertexIndex,
} from "../core/ids.ts";
import type { Step } from "../core/machine.ts";
import type { CheckpointConfig } from "../graph/logical-graph.ts";
import type { SnapshotHandle, StoredSnapshot } from "../state/operator-snapshot.ts";
import type { CompletedCheckpoint, SourceSnapshot } from "./checkpoint-metadata.ts";
import type { TaskId } from "./task-id.ts";

export type TaskAck = Readonly<TaskId & { stored: StoredSnapshot; ended: boolean }>;

/** What a checkpoint says of a vertex, but for its subtasks. */
export type VertexShape = Readonly<{
  index: VertexIndex;
  operators: readonly OperatorUid[];
  parallelism: number;
  maxParallelism: number;
}>;
export type CoordinatorConfig = Readonly<{
  jobName: string;
  checkpoints: CheckpointConfig;
  vertices: readonly VertexShape[];
  /** Whose enumerators belong to every checkpoint. */
  sources: readonly OperatorUid[];
}>;
export type PendingCheckpoint = Readonly<{
  id: CheckpointId;
  attempt: AttemptId;
  triggeredMs: number;
  /** `storing` is past the point of no return. */
  phase: "collecting" | "storing";
  /** By vertex, then by subtask. */
  acks: readonly (readonly (TaskAck | undefined)[])[];
  ackCount: number;
  /** In the order of the plan; undefined until all are in. */
  sources: readonly SourceSnapshot[] | undefined;
}>;
export type Coordinator = Readonly<{
  config: CoordinatorConfig;
  /** False until `restored-store`. */
  ready: boolean;
  stopped: boolean;
  nextId: CheckpointId;
  /** Ids up to this one are ours to use. */
  reservedThrough: CheckpointId;
  /** Through which id a reservation is under way; 0 for none. */
  reserving: CheckpointId;
  running: AttemptId | undefined;
  pending: PendingCheckpoint | undefined;
  /** Ascending by id; the newest `retained`. */
  completed: readonly CompletedCheckpoint[];
  nextTriggerMs: number | undefined;
  lastCompletedMs: number | undefined;
  wakeAtMs: number | undefined;
}>;

/** `nowMs` is monotonic. */
export type CoordinatorEvent = Readonly<
  { nowMs: number } & (
    | {
        kind: "restored-store";
        reservedThrough: CheckpointId;
        completed: readonly CompletedCheckpoint[];
      }
    | { kind: "attempt-running"; attempt: AttemptId; tasks: readonly TaskId[] }
    | { kind: "attempt-ended"; attempt: AttemptId; why: string }
    | { kind: "tick" }
    | { kind: "acknowledged"; attempt: AttemptId; checkpointId: CheckpointId; ack: TaskAck }
    /** Cut when the checkpoint was triggered: one for each source, in the order of the plan. */
    | {
        kind: "sources-snapshotted";
        attempt: AttemptId;
        checkpointId: CheckpointId;
        sources: readonly SourceSnapshot[];
      }
    | {
        kind: "declined";
        attempt: AttemptId;
        checkpointId: CheckpointId;
        vertex: VertexIndex;
        subtask: SubtaskIndex;
        why: string;
      }
    | { kind: "ids-reserved"; through: CheckpointId }
    | { kind: "metadata-stored"; checkpointId: CheckpointId }
    /**
     * Proven: the metadata is not there and never will be. Unknown outcomes are retried instead.
     */
    | { kind: "metadata-failed"; checkpointId: CheckpointId; why: string }
    | { kind: "stop" }
  )
>;
export type CoordinatorEffect = Readonly<
  /** Make it durable that ids up to `through` are taken, then answer `ids-reserved`. */
  | { kind: "reserve-ids"; through: CheckpointId }
  /** Cut the enumerators and answer `sources-snapshotted`; ask every source for its snapshot. */
  | { kind: "trigger"; attempt: AttemptId; checkpointId: CheckpointId }
  | { kind: "store-metadata"; checkpoint: CompletedCheckpoint }
  | {
      kind: "announce-completed";
      attempt: AttemptId;
      checkpointId: CheckpointId;
      allEnded: boolean;
    }
  | { kind: "announce-aborted"; attempt: AttemptId; checkpointId: CheckpointId; why: string }
  /** `withMetadata`: a subsumed checkpoint; delete its metadata first, then the handles. */
  | {
      kind: "discard";
      checkpointId: CheckpointId;
      handles: readonly SnapshotHandle[];
      withMetadata: boolean;
    }
  /** Send `tick` then; replaces the wake-up asked for before. */
  | { kind: "wake-at"; atMs: number }
  | { kind: "ignore"; why: string }
>;
export type CoordinatorStep = Step<Coordinator, CoordinatorEffect>;
