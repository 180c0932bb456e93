/**
 * The leader's half of a recovery protocol: how the parts of a checkpoint come together. The other half is in
 * every subtask (`barrier-handler.ts`); what a checkpoint is once it is whole, and the job's way back to it,
 * is the same for all (`checkpoint/coordinator.ts`).
 *
 *   protocol        subtasks                                    leader
 *   coordinated     snapshot where the barriers come together   counts acknowledgements (`barrier-leader.ts`)
 *   uncoordinated   snapshot in their own time, and a log       finds lines (`line-leader.ts`)
 *
 * A job that takes no checkpoints has neither: it starts over from nothing.
 */
import type { AttemptId, CheckpointId } from "../core/ids.ts";
import type { CompletedCheckpoint, SourceSnapshot } from "../checkpoint/checkpoint-metadata.ts";
import type { CoordinatorEvent, RunningRegion } from "../checkpoint/coordinator.ts";
import type { BarrierOptions } from "../core/element.ts";
import type { TaskId } from "../checkpoint/task-id.ts";
import type { AssignmentsDue, MessageOf } from "./messages.ts";

/** A message to every task manager of a region's attempt; the epoch is filled in by the sender. */
export type AttemptMessage = Readonly<
  | {
      kind: "trigger";
      checkpointId: CheckpointId;
      options: BarrierOptions;
      sources: AssignmentsDue[];
    }
  | { kind: "completed" | "aborted"; checkpointId: CheckpointId }
  | { kind: "line"; tasks: MessageOf<"line">["tasks"] }
>;

/** The time is filled in by the driver. */
export type EventBody<E = CoordinatorEvent> = E extends { nowMs: number }
  ? Omit<E, "nowMs">
  : never;

export type CheckpointLeaderEvents = Readonly<{
  drive(event: EventBody): void;
  tell(region: number, attempt: AttemptId, message: AttemptMessage): void;
}>;

export interface CheckpointLeader {
  /** The store has been read; ids from there on are this leader's. */
  onReady(firstId: CheckpointId): void;
  onRegionRunning(region: number, attempt: AttemptId, tasks: readonly TaskId[]): void;
  onRegionEnded(region: number): void;
  /** The enumerators were cut, so many assignments behind those of their readers. */
  onTriggered(
    checkpointId: CheckpointId,
    sources: readonly SourceSnapshot[],
    due: readonly AssignmentsDue[],
  ): void;
  onAcknowledge(message: MessageOf<"acknowledge">): void;
  onDecline(message: MessageOf<"decline">): void;
  /** What has come together is being written down under that id. */
  onStoring(checkpointId: CheckpointId): void;
  /** What was found is of no use: nobody asks for a checkpoint now. */
  onUnused(): void;
  onCompleted(checkpoint: CompletedCheckpoint, regions: readonly RunningRegion[]): void;
  onAborted(checkpointId: CheckpointId, regions: readonly RunningRegion[]): void;
}
