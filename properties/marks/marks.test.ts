import { describe, expect, test } from "vitest";
import type { History } from "../../sim/history.ts";
import { marksSeen } from "../../sim/mark.ts";
import { crash, pause } from "../../scenarios/faults.ts";
import type { HandNote } from "../testing.ts";
import { historyOf, jobOf } from "../testing.ts";
import { standardMarks } from "./index.ts";

const seenIn = (history: History): readonly string[] => marksSeen(standardMarks, history);
const CRASH = { kind: "fault-injected", fault: crash({ atMs: 1 }) } as const;
const PAUSE = { kind: "fault-injected", fault: pause({ atMs: 1, forMs: 5 }) } as const;
const region = 0;
const of = (checkpointId: number, subtask = 0) => ({ checkpointId, vertex: 0, subtask });
const lost = (why: string) => ({ kind: "task-manager-lost", process: "tm-0", why }) as const;
const transaction = "job/sink/0#65537:1";

/** For each mark: notes that reach it, and notes that nearly do. */
const SAMPLES: Readonly<
  Record<string, readonly [reached: readonly HandNote[], missed: readonly HandNote[]]>
> = {
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
  "what-to-restore-unreadable": [
    [{ kind: "recovery-failed", why: "" }],
    [{ kind: "job-failing", region, attempt: 1, why: "" }],
  ],
  "failed-for-good": [
    [{ kind: "job-failed", why: "" }],
    [{ kind: "job-failing", region, attempt: 1, why: "" }],
  ],
  "leader-followed": [
    [
      { kind: "leader-elected", epoch: 1 },
      { kind: "leader-elected", epoch: 2 },
    ],
    [{ kind: "leader-elected", epoch: 1 }],
  ],
  "leader-lost-while-completing": [
    [
      { kind: "checkpoint-completing", checkpointId: 1 },
      { kind: "leader-elected", epoch: 2 },
    ],
    [
      { kind: "checkpoint-completing", checkpointId: 1 },
      { kind: "checkpoint-completed", checkpointId: 1 },
      { kind: "leader-elected", epoch: 2 },
    ],
  ],
  "metadata-settled-by-successor": [
    [
      { kind: "leader-elected", epoch: 1 },
      { kind: "checkpoint-completing", checkpointId: 1 },
      { kind: "leader-elected", epoch: 2 },
      { kind: "job-restored", region, attempt: 2, checkpointId: 1 },
    ],
    [
      { kind: "leader-elected", epoch: 1 },
      { kind: "checkpoint-completing", checkpointId: 1 },
      { kind: "checkpoint-completed", checkpointId: 1 },
      { kind: "leader-elected", epoch: 2 },
      { kind: "job-restored", region, attempt: 2, checkpointId: 1 },
    ],
  ],
  "leader-lost-while-restarting": [
    [
      { kind: "job-failing", region, attempt: 1, why: "" },
      { kind: "leader-elected", epoch: 2 },
    ],
    [
      { kind: "job-failing", region, attempt: 1, why: "" },
      { kind: "job-running", region, attempt: 2 },
      { kind: "leader-elected", epoch: 2 },
    ],
  ],
  "leader-deposed-alive": [
    [{ kind: "job-suspended", epoch: 1, restarting: false }],
    [{ kind: "leader-elected", epoch: 1 }],
  ],
  "leader-lost-behind-the-end": [
    [{ kind: "job-finished" }, { kind: "leader-elected", epoch: 2 }],
    [{ kind: "leader-elected", epoch: 2 }, { kind: "job-finished" }],
  ],
  "rescaled-up": [rescaled(1, 2), rescaled(2, 2)],
  "rescaled-down": [rescaled(2, 1), rescaled(1, 1)],
  "failed-while-rescaling": [
    [{ kind: "job-rescaled", subtasks: 2 }, lost("restarted")],
    [
      { kind: "job-rescaled", subtasks: 2 },
      { kind: "job-running", region, attempt: 2 },
      lost("restarted"),
    ],
  ],
  "resumed-from-savepoint": [
    [{ kind: "job-resumed", run: 1 }],
    [{ kind: "job-stopped", checkpointId: 1 }],
  ],
  "stopped-behind-savepoint": [
    [{ kind: "job-stopped", checkpointId: 1 }],
    [{ kind: "job-cancelled" }],
  ],
  cancelled: [[{ kind: "job-cancelled" }], [{ kind: "cancel-requested" }]],
  "cancelled-while-checkpointing": [
    [{ kind: "checkpoint-aborted", checkpointId: 1, why: "cancellation was requested" }],
    [{ kind: "checkpoint-aborted", checkpointId: 1, why: "stopped" }],
  ],
  "request-refused": [
    [{ kind: "action-answered", id: "a", done: false, why: "" }],
    [{ kind: "action-answered", id: "a", done: true, why: "" }],
  ],
  "request-outlived-its-leader": [
    [
      { kind: "action-requested", id: "a" },
      { kind: "leader-elected", epoch: 2 },
    ],
    [
      { kind: "action-requested", id: "a" },
      { kind: "action-answered", id: "a", done: true, why: "" },
      { kind: "leader-elected", epoch: 2 },
    ],
  ],
  "transaction-expired": [
    [
      {
        kind: "task-failed",
        vertex: 0,
        subtask: 0,
        attempt: 1,
        why: "transaction x has expired: y",
      },
    ],
    [{ kind: "task-failed", vertex: 0, subtask: 0, attempt: 1, why: "channel x broke" }],
  ],
  "service-failed": [
    [
      {
        kind: "task-failed",
        vertex: 0,
        subtask: 0,
        attempt: 1,
        why: 'operator "x": service "y" f',
      },
    ],
    [{ kind: "task-failed", vertex: 0, subtask: 0, attempt: 1, why: 'operator "x" failed' }],
  ],
  "transaction-aborted": [
    [{ kind: "ledger-aborted", transaction }],
    [{ kind: "ledger-committed", transaction, checkpointId: 1, rows: 1 }],
  ],
  "committed-by-another": [
    [
      { kind: "transaction-pre-committed", checkpointId: 1, transaction, process: "tm-0" },
      { kind: "transaction-committed", checkpointId: 1, transaction, process: "tm-1" },
    ],
    [
      { kind: "transaction-pre-committed", checkpointId: 1, transaction, process: "tm-0" },
      { kind: "transaction-committed", checkpointId: 1, transaction, process: "tm-0" },
    ],
  ],
  "commit-unheard": [
    [
      { kind: "ledger-committed", transaction, checkpointId: 1, rows: 1 },
      { kind: "job-restored", region, attempt: 2, checkpointId: 1 },
    ],
    [
      { kind: "ledger-committed", transaction, checkpointId: 1, rows: 1 },
      { kind: "transaction-committed", checkpointId: 1, transaction },
      { kind: "job-restored", region, attempt: 2, checkpointId: 1 },
    ],
  ],
  "table-written-in-two-lives": [
    [epoch("w", 1), epoch("w", 2)],
    [epoch("w", 1), epoch("w", 1), epoch("v", 2)],
  ],
  "split-held-back": [
    [
      {
        ...{ kind: "split-paused", topic: "in", partition: 0, subtask: 0 },
        ...{ watermarkMs: 9, limitMs: 5 },
      },
    ],
    [],
  ],
  "split-found-later": [
    [{ kind: "checkpoint-completed", checkpointId: 1 }, assigned()],
    [
      { kind: "checkpoint-completed", checkpointId: 1 },
      { kind: "job-deploying", region, attempt: 2, checkpointId: 1 },
      assigned(),
    ],
  ],
  "record-too-late": [
    [{ kind: "landmark", what: "record-too-late" }],
    [{ kind: "landmark", what: "local-copy-taken" }],
  ],
};

function rescaled(before: number, after: number): readonly HandNote[] {
  const subtasks = Array.from({ length: before }, (_, subtask): HandNote => ({
    kind: "checkpoint-acknowledged",
    ...of(1, subtask),
  }));
  return [
    ...subtasks,
    { kind: "checkpoint-completed", checkpointId: 1 },
    { kind: "job-rescaled", subtasks: after },
  ];
}

function epoch(writer: string, life: number): HandNote {
  return { kind: "table-epoch", table: "t", writer, life, epoch: 1, rows: 1 };
}

function assigned(): HandNote {
  const splits = [{ topic: "in", partition: 1, offset: 0 }];
  return { kind: "splits-assigned", topic: "in", subtask: 0, splits, noMore: false } as HandNote;
}

/** Of the job, not of notes alone. */
const OF_BACKENDS: readonly string[] = ["changes-replayed", "remote-state-restored"];

describe("marks", () => {
  test("each has a sample that reaches it and one that nearly does", () => {
    const ids = standardMarks.map(({ id }) => id);
    expect([...Object.keys(SAMPLES), ...OF_BACKENDS].sort()).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, what } of standardMarks) {
      expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(what).toMatch(/^[A-Z].+\.$/);
    }
  });

  test.each(Object.entries(SAMPLES))("%s", (id, [reached, missed]) => {
    expect(seenIn(historyOf({ notes: reached }))).toContain(id);
    expect(seenIn(historyOf({ notes: missed }))).not.toContain(id);
  });

  test.each([
    ["changelog(memory)", "changes-replayed"],
    ["remote", "remote-state-restored"],
  ])("state of the backend %s", (name, id) => {
    const create = (): never => {
      throw new Error("never created");
    };
    const job = jobOf([], { backend: { name, create } });
    const notes: HandNote[] = [{ kind: "task-restored", ...of(1) }];
    expect(seenIn(historyOf({ job, notes }))).toContain(id);
    expect(seenIn(historyOf({ job, notes: [] }))).toEqual([]);
    expect(seenIn(historyOf({ notes }))).not.toContain(id);
  });

  test("a run in which nothing happens reaches none", () => {
    expect(seenIn(historyOf({ notes: [] }))).toEqual([]);
  });
});
