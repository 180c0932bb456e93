import { describe, expect, test } from "vitest";
import type { History } from "../../sim/history.ts";
import { marksSeen } from "../../sim/mark.ts";
import type { HandNote } from "../testing.ts";
import { historyOf, jobOf } from "../testing.ts";
import { standardMarks } from "./index.ts";
import { CHECKPOINT_AND_RECOVERY_SAMPLES, lost, of, region } from "./marks.fixture.ts";
import type { Samples } from "./marks.fixture.ts";

const seenIn = (history: History): readonly string[] => marksSeen(standardMarks, history);
const transaction = "job/sink/0#65537:1";

const SAMPLES: Samples = {
  ...CHECKPOINT_AND_RECOVERY_SAMPLES,
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
  "zombie-refused": [
    [{ kind: "ledger-refused", producer: "p", attempt: 1 }],
    [{ kind: "ledger-fenced", producer: "p", attempt: 1 }],
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
