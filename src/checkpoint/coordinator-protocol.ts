/**
 * What goes into the checkpoint coordinator, what comes out of it, and what it keeps in between.
 *
 * The transitions, and the invariants over this state, are in coordinator.ts.
 */
import type { BarrierOptions } from "../core/element.ts";
import type {
  AttemptId,
  CheckpointId,
  OperatorUid,
  SubtaskIndex,
  VertexIndex,
} from "../core/ids.ts";
import type { Step } from "../core/machine.ts";
import type { CheckpointConfig } from "../graph/logical-graph.ts";
import type { StoredSnapshot } from "../state/operator-snapshot.ts";
import type { CompletedCheckpoint, SourceSnapshot } from "./checkpoint-metadata.ts";
import type { SharedSweep } from "./shared-files.ts";
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

/** A part of the job that restarts by itself, all of its tasks running in one attempt. */
export type RunningRegion = Readonly<{
  region: number;
  attempt: AttemptId;
  vertices: readonly VertexIndex[];
}>;

/** What somebody asked for, beside what is triggered by the clock. */
export type CheckpointRequest = Readonly<{
  /** Asked again under the same name it is the same request, and it is answered by that name. */
  name: string;
  purpose: BarrierOptions["purpose"];
  form: BarrierOptions["form"];
  stop: BarrierOptions["stop"];
  /** Need not wait until fewer are under way (C26). */
  forced: boolean;
}>;

export type PendingCheckpoint = Readonly<{
  id: CheckpointId;
  options: BarrierOptions;
  /** Undefined: the clock asked for it. */
  request: CheckpointRequest | undefined;
  /** All of the job, as it ran when this was triggered (C28). */
  regions: readonly RunningRegion[];
  triggeredMs: number;
  /** `storing` is past the point of no return. */
  phase: "collecting" | "storing";
  /** By vertex, then by subtask. */
  acks: readonly (readonly (TaskAck | undefined)[])[];
  ackCount: number;
  /** In the order of the plan; undefined until all are in. */
  sources: readonly SourceSnapshot[] | undefined;
}>;

/** What the job was started from, once; `claim`: it belongs to the job from then on (C46). */
export type RestoredFrom = Readonly<{ checkpoint: CompletedCheckpoint; claim: boolean }>;

export type Coordinator = Readonly<{
  config: CoordinatorConfig;
  /** False until `restored-store`. */
  ready: boolean;
  /** The job has ended. */
  stopped: boolean;
  nextId: CheckpointId;
  /** Ids up to this one are ours to use. */
  reservedThrough: CheckpointId;
  /** Through which id a reservation is under way; 0 for none. */
  reserving: CheckpointId;
  /** Ascending by number. */
  running: readonly RunningRegion[];
  /** By rank, then by age. */
  requests: readonly CheckpointRequest[];
  /** Ascending by id. */
  pending: readonly PendingCheckpoint[];
  /** Ascending by id; the newest `retained`. */
  completed: readonly CompletedCheckpoint[];
  /** Subsumed, but pending ones still refer to their files. */
  lingering: readonly CompletedCheckpoint[];
  /** Not claimed: its files are never touched. */
  restoredFrom: CompletedCheckpoint | undefined;
  /** How many clean-ups are under way (C27). */
  cleaning: number;
  /** Checkpoints that failed in a row (C35). */
  failures: number;
  sweep: SharedSweep;
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
        restoredFrom?: RestoredFrom;
      }
    /** All tasks of a region run. */
    | { kind: "region-running"; region: number; attempt: AttemptId; tasks: readonly TaskId[] }
    | { kind: "region-ended"; region: number; attempt: AttemptId; why: string }
    /** The job goes on with other parallelism; no region runs. */
    | { kind: "replanned"; config: CoordinatorConfig }
    | { kind: "requested"; request: CheckpointRequest }
    | { kind: "tick" }
    /** The clock need not be waited for. */
    | { kind: "hurried" }
    | { kind: "acknowledged"; attempt: AttemptId; checkpointId: CheckpointId; ack: TaskAck }
    /** Cut when the checkpoint was triggered: one for each source, in the order of the plan. */
    | {
        kind: "sources-snapshotted";
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
        /** By a newer checkpoint, which is nobody's fault. */
        overtaken: boolean;
      }
    /** A line of checkpoints that the tasks took by themselves: of every task, and every enumerator. */
    | { kind: "line-found"; acks: readonly TaskAck[]; sources: readonly SourceSnapshot[] }
    | { kind: "ids-reserved"; through: CheckpointId }
    | { kind: "metadata-stored"; checkpointId: CheckpointId }
    /**
     * Proven: the metadata is not there and never will be. Unknown outcomes are retried instead.
     */
    | { kind: "metadata-failed"; checkpointId: CheckpointId; why: string }
    /** What one `discard` named is gone. */
    | { kind: "discarded" }
    /** Paths below the prefix of shared files, all of those that were there when asked. */
    | { kind: "shared-listed"; paths: readonly string[] }
    | { kind: "stop" }
  )
>;
export type CoordinatorEffect = Readonly<
  /** Make it durable that ids up to `through` are taken, then answer `ids-reserved`. */
  | { kind: "reserve-ids"; through: CheckpointId }
  /** Cut the enumerators and answer `sources-snapshotted`; ask every source for its snapshot. */
  | {
      kind: "trigger";
      checkpointId: CheckpointId;
      options: BarrierOptions;
      regions: readonly RunningRegion[];
    }
  | { kind: "store-metadata"; checkpoint: CompletedCheckpoint; path: string }
  | {
      kind: "announce-completed";
      checkpoint: CompletedCheckpoint;
      /** Whom to tell; nobody of a savepoint that the job does not stop behind (C42). */
      regions: readonly RunningRegion[];
      /** All input had ended in all of them. */
      allEnded: boolean;
    }
  | {
      kind: "announce-aborted";
      checkpointId: CheckpointId;
      regions: readonly RunningRegion[];
      why: string;
    }
  /** The job ends behind this savepoint. Store it where whoever asked finds it (`path`), and finish. */
  | { kind: "job-stopped"; checkpoint: CompletedCheckpoint; path: string }
  | { kind: "answer"; name: string; done: boolean; why: string }
  /** Of a line: no checkpoint is being collected now. */
  | { kind: "line-unused" }
  /** The whole job starts over (C35). */
  | { kind: "too-many-failures"; why: string }
  /**
   * Delete `metadata` first, of a checkpoint that was complete, then the files; answer `discarded`.
   */
  | {
      kind: "discard";
      checkpointId: CheckpointId;
      metadata: string | undefined;
      files: readonly string[];
    }
  /** List what lies below the prefix of shared files, and answer `shared-listed`. */
  | { kind: "list-shared" }
  /** No checkpoint refers to them. */
  | { kind: "delete-files"; files: readonly string[] }
  /** Send `tick` then; replaces the wake-up asked for before. */
  | { kind: "wake-at"; atMs: number }
  | { kind: "ignore"; why: string }
>;
export type CoordinatorStep = Step<Coordinator, CoordinatorEffect>;
