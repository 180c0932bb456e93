/** Notes that reach marks of checkpoints and of recovery, and notes that nearly do. For tests only. */
import { crash, pause } from "../../scenarios/faults.ts";
import type { HandNote } from "../testing.ts";

const transaction = "job/sink/0#65537:1";
const CRASH = { kind: "fault-injected", fault: crash({ atMs: 1 }) } as const;
const PAUSE = { kind: "fault-injected", fault: pause({ atMs: 1, forMs: 5 }) } as const;
export const region = 0;
export const of = (checkpointId: number, subtask = 0) => ({ checkpointId, vertex: 0, subtask });
export const lost = (why: string) => ({ kind: "task-manager-lost", process: "tm-0", why }) as const;

/** For each mark: notes that reach it, and notes that nearly do. */
export type Samples = Readonly<
  Record<string, readonly [reached: readonly HandNote[], missed: readonly HandNote[]]>
>;

export const CHECKPOINT_AND_RECOVERY_SAMPLES: Samples = {
  "alignment-abandoned": [
    [{ kind: "alignment-abandoned", ...of(1) }],
    [{ kind: "alignment-started", ...of(1) }],
  ],
  "alignment-overtaken": [
    [{ kind: "alignment-overtaken", ...of(1) }],
    [{ kind: "alignment-started", ...of(1) }],
  ],
  "checkpoint-expired": [
    [{ kind: "checkpoint-aborted", checkpointId: 1, why: "expired" }],
    [{ kind: "checkpoint-aborted", checkpointId: 1, why: "stopped" }],
  ],
  "checkpoint-declined": [
    [{ kind: "checkpoint-aborted", checkpointId: 1, why: "0/1 declined: a newer one" }],
    [{ kind: "checkpoint-aborted", checkpointId: 1, why: "expired" }],
  ],
  "snapshot-not-stored": [
    [{ kind: "checkpoint-aborted", checkpointId: 1, why: "0/1 declined: snapshot not stored: x" }],
    [{ kind: "checkpoint-aborted", checkpointId: 1, why: "0/1 declined: a newer one" }],
  ],
  "checkpoint-behind-a-newer": [
    [
      {
        ...{ kind: "checkpoint-aborted", checkpointId: 1 },
        why: "0/1 declined: a newer checkpoint came first",
      },
    ],
    [{ kind: "checkpoint-aborted", checkpointId: 1, why: "checkpoint 2 is complete" }],
  ],
  "checkpoint-overtaken-while-pending": [
    [{ kind: "checkpoint-aborted", checkpointId: 1, why: "checkpoint 2 is complete" }],
    [{ kind: "checkpoint-aborted", checkpointId: 1, why: "expired" }],
  ],
  "checkpoint-lost-its-tasks": [
    [{ kind: "checkpoint-aborted", checkpointId: 1, why: "task 0/1: boom" }],
    [{ kind: "checkpoint-aborted", checkpointId: 1, why: "0/1 declined: boom" }],
  ],
  "checkpoint-aborted-half-way": [
    [
      { kind: "checkpoint-acknowledged", ...of(1) },
      { kind: "checkpoint-aborted", checkpointId: 1, why: "" },
    ],
    [
      { kind: "checkpoint-acknowledged", ...of(1) },
      { kind: "checkpoint-aborted", checkpointId: 2, why: "" },
    ],
  ],
  "checkpoints-overlapped": [
    [
      { kind: "checkpoint-triggered", checkpointId: 1 },
      { kind: "checkpoint-triggered", checkpointId: 2 },
    ],
    [
      { kind: "checkpoint-triggered", checkpointId: 1 },
      { kind: "leader-elected", epoch: 2 },
      { kind: "checkpoint-triggered", checkpointId: 2 },
    ],
  ],
  "fault-while-completing": [
    [{ kind: "checkpoint-completing", checkpointId: 1 }, CRASH],
    [
      { kind: "checkpoint-completing", checkpointId: 1 },
      { kind: "checkpoint-completed", checkpointId: 1 },
      CRASH,
    ],
  ],
  "fault-while-aligning": [
    [{ kind: "alignment-started", ...of(1, 1) }, { kind: "snapshot-taken", ...of(1, 0) }, CRASH],
    [{ kind: "alignment-started", ...of(1, 1) }, { kind: "snapshot-taken", ...of(1, 1) }, CRASH],
  ],
  "job-failed-of-its-checkpoints": [
    [{ kind: "job-failing", region, attempt: 1, why: "checkpoint 3 failed (expired), and 0 may" }],
    [{ kind: "job-failing", region, attempt: 1, why: "task 0/1: boom" }],
  ],
  "checkpoint-after-an-end": [
    [
      { kind: "task-ended", vertex: 0, subtask: 0 },
      { kind: "checkpoint-triggered", checkpointId: 1 },
      { kind: "checkpoint-completed", checkpointId: 1 },
    ],
    [
      { kind: "checkpoint-triggered", checkpointId: 1 },
      { kind: "task-ended", vertex: 0, subtask: 0 },
      { kind: "checkpoint-completed", checkpointId: 1 },
    ],
  ],
  "files-referred-to-again": [
    [{ kind: "landmark", what: "files-referred-to-again" }],
    [{ kind: "landmark", what: "record-too-late" }],
  ],
  "savepoint-completed": [
    [{ kind: "savepoint-completed", checkpointId: 1 }],
    [{ kind: "checkpoint-completed", checkpointId: 1 }],
  ],
  restored: [
    [{ kind: "job-restored", region, attempt: 2, checkpointId: 1 }],
    [{ kind: "job-deploying", region, attempt: 2, checkpointId: 0 }],
  ],
  "committed-after-recovery": [
    [
      { kind: "job-restored", region, attempt: 2, checkpointId: 1 },
      { kind: "transaction-committed", checkpointId: 1, transaction },
    ],
    [
      { kind: "transaction-committed", checkpointId: 1, transaction },
      { kind: "job-restored", region, attempt: 2, checkpointId: 1 },
    ],
  ],
  "in-flight-restored": [
    [{ kind: "in-flight-restored", vertex: 0, subtask: 0, records: 3 }],
    [{ kind: "task-restored", ...of(1) }],
  ],
  "started-over-from-nothing": [
    [
      { kind: "job-failing", region, attempt: 1, why: "" },
      { kind: "job-deploying", region, attempt: 2, checkpointId: 0 },
    ],
    [
      { kind: "job-deploying", region, attempt: 1, checkpointId: 0 },
      { kind: "job-failing", region, attempt: 1, why: "" },
      { kind: "job-deploying", region, attempt: 2, checkpointId: 1 },
    ],
  ],
  "restored-twice-in-a-row": [
    [
      { kind: "task-restored", ...of(1) },
      { kind: "task-restored", ...of(1) },
    ],
    [
      { kind: "task-restored", ...of(1) },
      { kind: "task-restored", ...of(1, 1) },
      { kind: "task-restored", ...of(2) },
    ],
  ],
  "failed-while-restoring": [
    [
      { kind: "job-restored", region, attempt: 2, checkpointId: 1 },
      { kind: "job-failing", region, attempt: 2, why: "" },
    ],
    [
      { kind: "job-restored", region, attempt: 2, checkpointId: 1 },
      { kind: "job-running", region, attempt: 2 },
      { kind: "job-failing", region, attempt: 2, why: "" },
    ],
  ],
  "fault-while-recovering": [
    [{ kind: "job-failing", region, attempt: 1, why: "" }, CRASH],
    [
      { kind: "job-failing", region, attempt: 1, why: "" },
      { kind: "job-running", region, attempt: 2 },
      CRASH,
    ],
  ],
  "two-faults-in-one-recovery": [
    [{ kind: "job-failing", region, attempt: 1, why: "" }, CRASH, PAUSE],
    [
      { kind: "job-failing", region, attempt: 1, why: "" },
      CRASH,
      { kind: "job-running", region, attempt: 2 },
      { kind: "job-failing", region, attempt: 2, why: "" },
      PAUSE,
    ],
  ],
  "region-restarted-alone": [
    [
      { kind: "job-running", region: 0, attempt: 1 },
      { kind: "job-running", region: 1, attempt: 1 },
      { kind: "job-failing", region: 1, attempt: 1, why: "" },
    ],
    [
      { kind: "job-running", region: 1, attempt: 1 },
      { kind: "job-failing", region: 1, attempt: 1, why: "" },
    ],
  ],
  "local-copy-taken": [
    [{ kind: "landmark", what: "local-copy-taken" }],
    [{ kind: "landmark", what: "record-too-late" }],
  ],
  "restored-timer-fired": [
    [{ kind: "landmark", what: "restored-timer-fired" }],
    [{ kind: "landmark", what: "record-too-late" }],
  ],
  "zombie-awoke": [
    [
      { kind: "process-paused", process: "tm-0" },
      { kind: "job-running", region, attempt: 2 },
      { kind: "process-resumed", process: "tm-0" },
    ],
    [
      { kind: "process-paused", process: "tm-0" },
      { kind: "process-resumed", process: "tm-0" },
      { kind: "job-running", region, attempt: 2 },
    ],
  ],
  "task-manager-silent": [[lost("silent for too long")], [lost("restarted")]],
  "task-manager-restarted": [[lost("restarted")], [lost("silent for too long")]],
  "task-manager-back": [
    [lost("silent for too long"), { kind: "task-manager-registered", process: "tm-0" }],
    [lost("restarted"), { kind: "task-manager-registered", process: "tm-0" }],
  ],
  "user-code-failed": [
    [{ kind: "task-failed", vertex: 0, subtask: 0, attempt: 1, why: 'operator "x" failed' }],
    [{ kind: "task-failed", vertex: 0, subtask: 0, attempt: 1, why: "channel x broke" }],
  ],
  "damaged-copy-passed-over": [
    [{ kind: "landmark", what: "damaged-copy-passed-over" }],
    [{ kind: "landmark", what: "local-copy-taken" }],
  ],
  "failed-for-good": [
    [{ kind: "job-failed", why: "" }],
    [{ kind: "job-failing", region, attempt: 1, why: "" }],
  ],
};
