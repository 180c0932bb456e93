/** What unit tests of operators share: a context, and an output that writes down what it gets. */
import { asAttemptId, asOperatorUid, asSubtaskIndex } from "../core/ids.ts";
import type { TestHost } from "../host/testing.ts";
import { memoryBackend } from "../state/memory/memory-backend.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import type { OperatorContext, Output, PendingOperatorSnapshot } from "./operator.ts";

/** "a@3" for a record with a timestamp, "a@-" for one without, "~5" for a watermark. */
export class RecordingOutput implements Output<unknown> {
  readonly lines: string[] = [];

  emit(value: unknown, timestampMs: number): void {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    this.lines.push(`${text}@${Number.isFinite(timestampMs) ? timestampMs : "-"}`);
  }

  emitWatermark(watermarkMs: number): void {
    this.lines.push(`~${watermarkMs === Number.POSITIVE_INFINITY ? "end" : watermarkMs}`);
  }

  /** What came since the last call. */
  take(): string[] {
    return this.lines.splice(0);
  }
}

/** Of subtask 0 of 1, attempt 1, all key groups; not restored. */
export function testContext(
  host: TestHost,
  overrides: Partial<OperatorContext> = {},
): OperatorContext & Readonly<{ failures: string[]; wakeUps: { count: number } }> {
  const failures: string[] = [];
  const wakeUps = { count: 0 };
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
    fail: (why) => {
      failures.push(why);
    },
    wakeUp: () => {
      wakeUps.count++;
    },
    failures,
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
