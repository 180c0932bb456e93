/**
 * Coordinated checkpoints: what subtasks say of one is all there is of it, and all of them hear what has
 * become of it.
 */
import { asAttemptId, asCheckpointId, asSubtaskIndex, asVertexIndex } from "../core/ids.ts";
import type { CheckpointId } from "../core/ids.ts";
import type { CompletedCheckpoint, SourceSnapshot } from "../checkpoint/checkpoint-metadata.ts";
import type { RunningRegion } from "../checkpoint/coordinator.ts";
import type { TaskAck } from "../checkpoint/coordinator-protocol.ts";
import type { CheckpointLeader, CheckpointLeaderEvents } from "./checkpoint-leader.ts";
import type { MessageOf } from "./messages.ts";

export class BarrierLeader implements CheckpointLeader {
  readonly #events: CheckpointLeaderEvents;

  constructor(events: CheckpointLeaderEvents) {
    this.#events = events;
  }

  onReady(): void {}

  onRegionRunning(): void {}

  onRegionEnded(): void {}

  onTriggered(checkpointId: CheckpointId, sources: readonly SourceSnapshot[]): void {
    this.#events.drive({ kind: "sources-snapshotted", checkpointId, sources });
  }

  onAcknowledge(message: MessageOf<"acknowledge">): void {
    this.#events.drive({
      kind: "acknowledged",
      attempt: asAttemptId(message.attempt),
      checkpointId: asCheckpointId(message.checkpointId),
      ack: ackOf(message),
    });
  }

  onStoring(): void {}

  onUnused(): void {}

  onDecline(message: MessageOf<"decline">): void {
    this.#events.drive({
      kind: "declined",
      attempt: asAttemptId(message.attempt),
      checkpointId: asCheckpointId(message.checkpointId),
      vertex: asVertexIndex(message.vertex),
      subtask: asSubtaskIndex(message.subtask),
      why: message.why,
      overtaken: message.overtaken,
    });
  }

  onCompleted({ id }: CompletedCheckpoint, regions: readonly RunningRegion[]): void {
    this.#tell("completed", regions, id);
  }

  onAborted(checkpointId: CheckpointId, regions: readonly RunningRegion[]): void {
    this.#tell("aborted", regions, checkpointId);
  }

  #tell(
    kind: "completed" | "aborted",
    regions: readonly RunningRegion[],
    checkpointId: CheckpointId,
  ): void {
    for (const { region, attempt } of regions) {
      this.#events.tell(region, attempt, { kind, checkpointId });
    }
  }
}

/** What a task says it has stored. */
export const ackOf = ({ vertex, subtask, stored, ended }: MessageOf<"acknowledge">): TaskAck => ({
  vertex: asVertexIndex(vertex),
  subtask: asSubtaskIndex(subtask),
  stored,
  ended,
});
