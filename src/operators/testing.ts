/** What unit tests of operators share: a context, and an output that writes down what it gets. */
import { asAttemptId, asOperatorUid, asSubtaskIndex } from "../core/ids.ts";
import type { TestHost } from "../host/testing.ts";
import { memoryBackend } from "../state/memory/memory-backend.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import type { OperatorContext, Output, PendingOperatorSnapshot } from "./operator.ts";
import type { OutputTag } from "./output-tag.ts";

/**
 * "a@3" for a record with a timestamp, "a@-" for one without, "late!a@3" for one on side output "late",
 * "~5" for a watermark, "idle" and "active" for a status.
 */
export class RecordingOutput implements Output<unknown> {
  readonly lines: string[] = [];

  emit(value: unknown, timestampMs: number): void {
    this.lines.push(recordText(value, timestampMs));
  }

  emitSide<S>({ id }: OutputTag<S>, value: S, timestampMs: number): void {
    this.lines.push(`${id}!${recordText(value, timestampMs)}`);
  }

  emitWatermark(watermarkMs: number): void {
    this.lines.push(`~${watermarkMs === Number.POSITIVE_INFINITY ? "end" : watermarkMs}`);
  }

  emitStatus(idle: boolean): void {
    this.lines.push(idle ? "idle" : "active");
  }

  /** What came since the last call. */
  take(): string[] {
    return this.lines.splice(0);
  }
}

function recordText(value: unknown, timestampMs: number): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return `${text}@${Number.isFinite(timestampMs) ? timestampMs : "-"}`;
}

/** Of subtask 0 of 1, attempt 1, all key groups; not restored. */
export function testContext(
  host: TestHost,
  overrides: Partial<OperatorContext> = {},
): OperatorContext &
  Readonly<{
    failures: string[];
    culprits: string[];
    wakeUps: { count: number };
    reports: { count: number };
  }> {
  const failures: string[] = [];
  const culprits: string[] = [];
  const wakeUps = { count: 0 };
  const reports = { count: 0 };
  return {
    host,
    jobName: "job",
    uid: asOperatorUid("op"),
    subtask: asSubtaskIndex(0),
    parallelism: 1,
    maxParallelism: 128,
    keyGroups: { first: 0, last: 127 },
    attempt: asAttemptId(1),
    backend: memoryBackend(),
    restored: false,
    fail: (why, culprit) => {
      failures.push(why);
      if (culprit !== undefined) culprits.push(culprit);
    },
    report: () => {
      reports.count++;
    },
    wakeUp: () => {
      wakeUps.count++;
    },
    failures,
    culprits,
    reports,
    wakeUps,
    ...overrides,
  };
}

/** What a checkpoint would keep of `pending`. */
export const stored = (pending: PendingOperatorSnapshot, uid = "op"): OperatorSnapshot => ({
  uid: asOperatorUid(uid),
  keyed: pending.keyed === undefined ? [] : pending.keyed.write(),
  timers: pending.timers,
  operatorState: pending.operatorState,
});
