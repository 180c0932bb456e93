/** How tests write the life of a job down: events on the left, phase and effects on the right. */
import { expect } from "vitest";
import { present, unreachable } from "../core/assert.ts";
import {
  asAttemptId,
  asCheckpointId,
  asLeaderEpoch,
  asOperatorUid,
  asProcessId,
  asSubtaskIndex,
  asVertexIndex,
} from "../core/ids.ts";
import type { TaskId } from "../checkpoint/task-id.ts";
import {
  createFailover,
  stepFailover,
  type Failover,
  type FailoverEffect,
  type FailoverEvent,
  type JobPhase,
} from "./failover.ts";
import type { RestartVerdict } from "./restart-strategy.ts";

/** Attempt n of the second leader. */
const EPOCH = 2;
const attemptId = (n: number) => asAttemptId(EPOCH * 65_536 + n);

function taskOf(text: string): TaskId {
  const [vertex, subtask] = text.split("/").map(Number);
  return { vertex: asVertexIndex(vertex!), subtask: asSubtaskIndex(subtask!) };
}

export const fresh = (attemptsBefore = 0): Failover =>
  createFailover({
    epoch: asLeaderEpoch(EPOCH),
    sameFailuresMax: 3,
    attemptsBefore,
    tasks: ["0/0", "1/0"].map(taskOf),
  });

const REFUSED: RestartVerdict = { kind: "refused", why: "all 1 restarts are used up" };

/** The n-th attempt is followed by the n-th restart, unless the test says otherwise. */
const granted = (n: number): RestartVerdict => ({ kind: "restart", delayMs: 500, restarts: n });

/**
 * "task-running 0/0 of 1", "lost tm-1 0/0 1/0", "gone 1", "all-ended 7 of 1"; "thrown 1/0 oops of 1" by
 * user code; "gone-for-good 1" where no restart is left; else the kind alone.
 */
export function eventOf(text: string, verdict?: RestartVerdict): FailoverEvent {
  const words = text.split(" ");
  const [kind, first = ""] = words;
  const attempt = attemptId(Number(words.at(-1)));
  switch (kind) {
    case "start":
    case "slots-available":
    case "restart-due":
    case "cancel-requested":
      return { kind };
    case "task-initialized":
    case "task-running":
    case "task-finished":
      return { kind, attempt, ...taskOf(first) };
    case "task-failed":
      return { kind, attempt, ...taskOf(first), why: "boom", culprit: undefined };
    case "thrown": {
      const why = present(words[2], () => `no text: ${text}`);
      const culprit = asOperatorUid("op");
      return { kind: "task-failed", attempt, ...taskOf(first), why, culprit };
    }
    case "lost": {
      const tasks = words.slice(2).map(taskOf);
      return { kind: "task-manager-lost", process: asProcessId(first), tasks, why: "silent" };
    }
    case "gone":
      return { kind: "attempt-gone", attempt, restart: verdict ?? granted(Number(first)) };
    case "gone-for-good":
      return { kind: "attempt-gone", attempt, restart: REFUSED };
    case "overruled":
    case "undeployable":
      return { kind, why: words.slice(1).join(" ") };
    case "all-ended":
      return { kind, attempt, checkpointId: asCheckpointId(Number(first)) };
    default:
      throw new Error(`no such event: ${text}`);
  }
}

function effectText(effect: FailoverEffect): string {
  const n = "attempt" in effect ? effect.attempt % 65_536 : 0;
  switch (effect.kind) {
    case "request-slots":
      return "request-slots";
    case "deploy":
    case "run-tasks":
    case "attempt-running":
      return `${effect.kind} ${n}`;
    case "cancel-tasks":
      return `cancel-tasks ${n}: ${effect.why}`;
    case "schedule-restart":
      return `restart ${effect.restarts} in ${effect.delayMs}`;
    case "finish-tasks":
      return `finish-tasks ${n} after ${effect.checkpointId}`;
    case "job-done": {
      const { outcome } = effect;
      return outcome.kind === "failed" ? `done failed: ${outcome.why}` : `done ${outcome.kind}`;
    }
    case "ignore":
      return `ignore ${effect.why}`;
    default:
      return unreachable(effect);
  }
}

type Line = readonly [event: string, phase: JobPhase, ...effects: string[]];

export function transcript(lines: readonly Line[], from = fresh()): Failover {
  let state = from;
  const played = lines.map(([event]) => {
    const step = stepFailover(state, eventOf(event));
    state = step.state;
    return [event, state.phase, ...step.effects.map(effectText)];
  });
  expect(played).toEqual(lines);
  return state;
}

export const after = (events: readonly string[], from = fresh()): Failover =>
  events.reduce((state, event) => stepFailover(state, eventOf(event)).state, from);

export const DEPLOY = ["start", "slots-available"];
export const RUN = [
  ...DEPLOY,
  "task-initialized 0/0 of 1",
  "task-initialized 1/0 of 1",
  "task-running 0/0 of 1",
  "task-running 1/0 of 1",
];
export const FINISH = [...RUN, "all-ended 7 of 1"];
