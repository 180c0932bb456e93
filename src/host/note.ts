/**
 * What the engine tells of itself: one note per step of a protocol, not per record.
 *
 * Notes are how a history is made and where a fault plan hooks in ("right after tm-2 acknowledged
 * checkpoint 4"), so their kinds are a contract: rename one and stored plans no longer apply.
 */
import type { AttemptId, CheckpointId, LeaderEpoch, OperatorUid } from "../core/ids.ts";
import type { LogPosition } from "./services.ts";

/**
 * Places in the code that few runs come by, and that no other note tells of: noted so that whoever plays
 * many runs knows whether any of them did. Once a task at most.
 */
export type Landmark =
  /** A restore took a file from the disk at hand, and not from the store. */
  | "local-copy-taken"
  /** A file on the disk at hand was not what had been written, and was fetched from the store. */
  | "damaged-copy-passed-over"
  /** A snapshot refers to files that an earlier one has stored. */
  | "files-referred-to-again"
  /** A record came too late for every window of its own. */
  | "record-too-late"
  /** A timer fired in a restored operator before any record had come. */
  | "restored-timer-fired";

export type EngineNote = Readonly<
  | { kind: "leader-elected"; epoch: LeaderEpoch }
  /** Its leader leads no more; 0: it had no epoch yet. Restarting: an attempt was to follow. */
  | { kind: "job-suspended"; epoch: LeaderEpoch; restarting: boolean }
  | { kind: "task-manager-registered"; process: string }
  | { kind: "task-manager-lost"; process: string; why: string }
  /** Of one region: attempts are counted region by region, and most jobs have but one. */
  | { kind: "job-deploying"; region: number; attempt: AttemptId; checkpointId: CheckpointId }
  | { kind: "job-restored"; region: number; attempt: AttemptId; checkpointId: CheckpointId }
  | { kind: "job-running"; region: number; attempt: AttemptId }
  | { kind: "job-failing"; region: number; attempt: AttemptId; why: string }
  | { kind: "job-restarting"; afterMs: number; restarts: number }
  | { kind: "job-finished" | "job-cancelled" }
  /** It ends behind a savepoint; that it has finished is noted as well. */
  | { kind: "job-stopped"; checkpointId: CheckpointId }
  /** It begins anew, from its latest checkpoint, on so many subtasks. */
  | { kind: "job-rescaled"; subtasks: number }
  /** Once more, from a savepoint. */
  | { kind: "job-resumed"; run: number }
  | { kind: "job-failed"; why: string }
  /** What the job has to go back to cannot be read; it is tried again. */
  | { kind: "recovery-failed"; why: string }
  | { kind: "clean-up-done"; deleted: number }
  | { kind: "task-restored"; vertex: number; subtask: number; checkpointId: CheckpointId }
  /** Records that were under way when the checkpoint was taken are read before all others. */
  | { kind: "in-flight-restored"; vertex: number; subtask: number; records: number }
  | { kind: "task-failed"; vertex: number; subtask: number; attempt: AttemptId; why: string }
  /** User code failed while it let go; the task is over all the same. */
  | { kind: "task-close-failed"; vertex: number; subtask: number; why: string }
  | { kind: "task-ended"; vertex: number; subtask: number }
  | {
      kind: "splits-assigned";
      topic: string;
      subtask: number;
      splits: readonly LogPosition[];
      noMore: boolean;
    }
  /** A split is so far ahead of its alignment group that it is not read on, or is again. */
  | {
      kind: "split-paused" | "split-resumed";
      topic: string;
      partition: number;
      subtask: number;
      watermarkMs: number;
      limitMs: number;
    }
  /** The job manager has heard how far a source has come; plus infinity: idle, or at its end. */
  | {
      kind: "alignment-reported";
      group: string;
      attempt: AttemptId;
      uid: OperatorUid;
      subtask: number;
      levelMs: number;
    }
  | { kind: "checkpoint-triggered"; checkpointId: CheckpointId }
  | { kind: "checkpoint-completing"; checkpointId: CheckpointId }
  | { kind: "checkpoint-completed"; checkpointId: CheckpointId }
  /** Of one that the job stops behind, beside the other. */
  | { kind: "savepoint-completed"; checkpointId: CheckpointId }
  | { kind: "checkpoint-aborted"; checkpointId: CheckpointId; why: string }
  | { kind: "checkpoint-subsumed"; checkpointId: CheckpointId }
  /** A completed one was put together; so many newer ones some task had, that were of no use for it. */
  | { kind: "recovery-line"; checkpointId: CheckpointId; behind: number }
  | {
      kind: "barrier-injected" | "alignment-started" | "snapshot-taken" | "snapshot-stored";
      checkpointId: CheckpointId;
      vertex: number;
      subtask: number;
    }
  | { kind: "alignment-abandoned"; checkpointId: CheckpointId; vertex: number; subtask: number }
  /** It took too long: from here on the barrier overtakes what is in its way (C20). */
  | { kind: "alignment-overtaken"; checkpointId: CheckpointId; vertex: number; subtask: number }
  | {
      kind: "checkpoint-acknowledged";
      checkpointId: CheckpointId;
      vertex: number;
      subtask: number;
    }
  | { kind: "transaction-pre-committed"; checkpointId: CheckpointId; transaction: string }
  | { kind: "transaction-committed"; checkpointId: CheckpointId; transaction: string }
  | { kind: "landmark"; what: Landmark }
>;

export type EngineNoteKind = EngineNote["kind"];
