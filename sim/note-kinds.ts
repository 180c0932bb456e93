/** The kinds of notes that a moment may wait for, as a list; the compiler holds it complete. */
import type { EngineNoteKind } from "../src/index.ts";

const KINDS: Readonly<Record<EngineNoteKind, true>> = {
  "leader-elected": true,
  "task-manager-registered": true,
  "task-manager-lost": true,
  "job-deploying": true,
  "job-restored": true,
  "job-running": true,
  "job-failing": true,
  "job-restarting": true,
  "job-finished": true,
  "job-cancelled": true,
  "job-failed": true,
  "recovery-failed": true,
  "clean-up-done": true,
  "task-restored": true,
  "task-failed": true,
  "task-close-failed": true,
  "task-ended": true,
  "splits-assigned": true,
  "checkpoint-triggered": true,
  "checkpoint-completing": true,
  "checkpoint-completed": true,
  "checkpoint-aborted": true,
  "checkpoint-subsumed": true,
  "barrier-injected": true,
  "alignment-started": true,
  "snapshot-taken": true,
  "snapshot-stored": true,
  "alignment-abandoned": true,
  "checkpoint-acknowledged": true,
  "transaction-pre-committed": true,
  "transaction-committed": true,
};

export const NOTE_KINDS = Object.keys(KINDS) as [EngineNoteKind, ...EngineNoteKind[]];
