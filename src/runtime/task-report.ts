/** What a task manager's word on one task means for the life of the job. */
import { unreachable } from "../core/assert.ts";
import {
  asOperatorUid,
  asSubtaskIndex,
  asVertexIndex,
  type AttemptId,
  type OperatorUid,
} from "../core/ids.ts";
import type { FailoverEvent } from "./failover.ts";
import type { TaskReport } from "./messages.ts";

/**
 * Undefined: nothing has come of it yet. A task that has ended still takes part in checkpoints, so for
 * the failover it runs.
 */
export function failoverEventOf(attempt: AttemptId, report: TaskReport): FailoverEvent | undefined {
  const task = {
    attempt,
    vertex: asVertexIndex(report.vertex),
    subtask: asSubtaskIndex(report.subtask),
  };
  switch (report.state) {
    case "restoring":
      return undefined;
    case "initialized":
      return { kind: "task-initialized", ...task };
    case "running":
    case "ended":
      return { kind: "task-running", ...task };
    case "finished":
      return { kind: "task-finished", ...task };
    case "failed":
      return { kind: "task-failed", ...task, why: report.why, culprit: culpritOf(report) };
    default:
      return unreachable(report.state);
  }
}

/** Whose user code failed the task; undefined where it was something else. */
export const culpritOf = ({ culprit }: TaskReport): OperatorUid | undefined =>
  culprit === "" ? undefined : asOperatorUid(culprit);
