/**
 * The life of one region of a job: who deploys it, when it starts over, and when it is done. A job of
 * one region, as most are, lives this very life.
 *
 *   created --start--> waiting-for-slots --slots--> deploying --all run--> running --all ended-->
 *   finishing --all finished--> finished
 *
 *   deploying, running, finishing --failure--> failing --attempt gone--> restart-pending --due-->
 *   waiting-for-slots; or, with the restart refused or the same failure of user code once too often,
 *   --attempt gone--> failed
 *
 *   deploying, running, failing --cancel--> cancelling --attempt gone--> cancelled
 *   created, waiting-for-slots, restart-pending --cancel--> cancelled
 *
 * FO1  A new attempt is deployed only when the one before it is gone or fenced (C119).
 * FO2  What another attempt reports changes nothing (C119).
 * FO3  Each attempt is cancelled at most once; failures while it goes are merged into that (C120).
 * FO4  Every restart was granted (C121); what is done stays done (C124).
 * FO5  A region finishes only when every task has; a task that has finished can no longer fail.
 * FO6  An attempt counts for the first failure of user code in it, even one that is told while the
 *      attempt goes already: what follows from a failure may be heard of before it.
 *
 * A request to cancel while finishing comes too late: all output is in a completed checkpoint, and
 * what remains is to commit it.
 *
 * Source: Flink's JobStatus and ExecutionGraph. We differ: the delay is counted from when the old
 * attempt is gone; regions live lives of their own (C118).
 * Not here: messages and heartbeats (`region-run.ts`, `job-manager.ts`), which failures are followed by a
 * restart (`restart-strategy.ts`), which checkpoint is restored (`../checkpoint/coordinator.ts`).
 */
import { assert, present, unreachable } from "../core/assert.ts";
import type { AttemptId, CheckpointId, LeaderEpoch, OperatorUid, ProcessId } from "../core/ids.ts";
import { attemptOf } from "../core/ids.ts";
import type { Step } from "../core/machine.ts";
import { taskText, type TaskId } from "../checkpoint/task-id.ts";
import {
  countFailure,
  lastFailureText,
  type RepeatedFailures,
  type UserFailure,
} from "./repeated-failures.ts";
import type { RestartVerdict } from "./restart-strategy.ts";

export type JobPhase =
  | "created"
  | "waiting-for-slots"
  | "deploying"
  | "running"
  | "failing"
  | "restart-pending"
  | "finishing"
  | "finished"
  | "cancelling"
  | "cancelled"
  | "failed";

export type TaskPhase = "deploying" | "initialized" | "running" | "finished";

export type FailoverConfig = Readonly<{
  epoch: LeaderEpoch;
  /** The same failure of user code may end so many attempts. */
  sameFailuresMax: number;
  /** Of this leader that came before, under another plan; 0 for none. */
  attemptsBefore: number;
  /** Every subtask of the region; at least one. */
  tasks: readonly TaskId[];
}>;
export type Failover = Readonly<{
  config: FailoverConfig;
  phase: JobPhase;
  /** The newest attempt; undefined before the first. */
  attempt: AttemptId | undefined;
  attempts: number;
  /** The tasks of the newest attempt, by vertex, then by subtask. */
  tasks: readonly (readonly TaskPhase[])[];
  /** How many of them are in each phase. */
  counts: Readonly<Record<TaskPhase, number>>;
  /** Why the newest attempt failed; empty while none has. */
  cause: string;
  /** The first failure of user code in the newest attempt. */
  userFailure: UserFailure | undefined;
  /** Of the attempts before. */
  failures: RepeatedFailures;
}>;

type OfTask = TaskId & { attempt: AttemptId };
export type FailoverEvent = Readonly<
  | { kind: "start" | "slots-available" | "restart-due" | "cancel-requested" }
  | ({ kind: "task-initialized" | "task-running" | "task-finished" } & OfTask)
  /** `culprit`: whose user code threw, if that was it. */
  | ({ kind: "task-failed"; why: string; culprit: OperatorUid | undefined } & OfTask)
  /** `tasks`: those of the newest attempt that were deployed there. */
  | { kind: "task-manager-lost"; process: ProcessId; tasks: readonly TaskId[]; why: string }
  /** The newest attempt cannot be made: what it would go back to does not fit the job. */
  | { kind: "undeployable"; why: string }
  /** Whatever goes on has to start over, though no task of it has failed. */
  | { kind: "overruled"; why: string }
  /**
   * No live task manager has a task of it, and the others are declared dead. `restart`: whether another
   * attempt may follow, should this one have failed.
   */
  | { kind: "attempt-gone"; attempt: AttemptId; restart: RestartVerdict }
  /** A checkpoint has completed in which every task had ended. */
  | { kind: "all-ended"; attempt: AttemptId; checkpointId: CheckpointId }
>;
export type JobOutcome = Readonly<
  { kind: "finished" | "cancelled" } | { kind: "failed"; why: string }
>;
export type FailoverEffect = Readonly<
  /** Answer `slots-available` as soon as every task has a slot. */
  | { kind: "request-slots" }
  | { kind: "deploy"; attempt: AttemptId }
  /** All are initialised: let them process. */
  | { kind: "run-tasks"; attempt: AttemptId }
  /** Every task runs: checkpoints may begin. */
  | { kind: "attempt-running"; attempt: AttemptId }
  /** The attempt is over: abort its checkpoints, cancel its tasks, answer `attempt-gone`. */
  | { kind: "cancel-tasks"; attempt: AttemptId; why: string }
  | { kind: "schedule-restart"; delayMs: number; restarts: number }
  | { kind: "finish-tasks"; attempt: AttemptId; checkpointId: CheckpointId }
  | { kind: "job-done"; outcome: JobOutcome }
  | { kind: "ignore"; why: IgnoreReason }
>;
type IgnoreReason =
  | "wrong-phase"
  | "another-attempt"
  | "known-already"
  | "merged-into-restart"
  | "hosted-nothing-unfinished"
  | "finishing-already";
export type FailoverStep = Step<Failover, FailoverEffect>;

const TASK_PHASES = ["deploying", "initialized", "running", "finished"] as const;
const TASK_ORDER: Readonly<Record<TaskPhase, number>> = {
  deploying: 0,
  initialized: 1,
  running: 2,
  finished: 3,
};

const NO_TASKS: Failover["counts"] = { deploying: 0, initialized: 0, running: 0, finished: 0 };

export function createFailover(config: FailoverConfig): Failover {
  assert(config.tasks.length > 0, () => "a job without tasks");
  return {
    config,
    phase: "created",
    attempt: undefined,
    attempts: config.attemptsBefore,
    tasks: [],
    counts: NO_TASKS,
    cause: "",
    userFailure: undefined,
    failures: [],
  };
}

export function stepFailover(state: Failover, event: FailoverEvent): FailoverStep {
  switch (event.kind) {
    case "start":
      if (state.phase !== "created") return ignore(state, "wrong-phase");
      return waitForSlots(state);
    case "slots-available":
      return state.phase === "waiting-for-slots" ? deploy(state) : ignore(state, "wrong-phase");
    case "task-initialized":
      return advanceTask(state, event, "initialized");
    case "task-running":
      return advanceTask(state, event, "running");
    case "task-finished":
      return advanceTask(state, event, "finished");
    case "task-failed":
      return failTask(state, event, event.why, event.culprit);
    case "task-manager-lost":
      return loseTaskManager(state, event.process, event.tasks, event.why);
    case "undeployable":
      if (state.phase !== "deploying") return ignore(state, "wrong-phase");
      return done(state, { kind: "failed", why: event.why });
    case "overruled":
      return failAttempt(state, event.why);
    case "attempt-gone":
      return attemptGone(state, event.attempt, event.restart);
    case "restart-due":
      return state.phase === "restart-pending" ? waitForSlots(state) : ignore(state, "wrong-phase");
    case "all-ended":
      return allEnded(state, event.attempt, event.checkpointId);
    case "cancel-requested":
      return cancel(state);
    default:
      return unreachable(event);
  }
}

const waitForSlots = (state: Failover): FailoverStep => ({
  state: { ...state, phase: "waiting-for-slots" },
  effects: [{ kind: "request-slots" }],
});

function deploy(state: Failover): FailoverStep {
  const attempts = state.attempts + 1;
  const attempt = attemptOf(state.config.epoch, attempts);
  const tasks: TaskPhase[][] = [];
  for (const { vertex, subtask } of state.config.tasks) {
    (tasks[vertex] ??= [])[subtask] = "deploying";
  }
  const counts = { ...NO_TASKS, deploying: state.config.tasks.length };
  const fresh = { attempt, attempts, tasks, counts, cause: "", userFailure: undefined };
  return {
    state: { ...state, phase: "deploying", ...fresh },
    effects: [{ kind: "deploy", attempt }],
  };
}

/** Reports repeat and overtake one another; a task only ever moves forward. */
function advanceTask(state: Failover, event: OfTask, to: TaskPhase): FailoverStep {
  if (event.attempt !== state.attempt) return ignore(state, "another-attempt");
  const { phase, attempt } = state;
  if (phase !== "deploying" && phase !== "running" && phase !== "finishing") {
    return ignore(state, "wrong-phase");
  }
  const from = taskPhase(state, event);
  if (TASK_ORDER[to] <= TASK_ORDER[from]) return ignore(state, "known-already");

  const next = moveTask(state, event, from, to);
  if (allReached(next, "finished")) return done(next, { kind: "finished" });
  if (phase !== "deploying") return { state: next, effects: [] };
  const effects: FailoverEffect[] = [];
  if (!allReached(state, "initialized") && allReached(next, "initialized")) {
    effects.push({ kind: "run-tasks", attempt });
  }
  if (!allReached(next, "running")) return { state: next, effects };
  effects.push({ kind: "attempt-running", attempt });
  return { state: { ...next, phase: "running" }, effects };
}

function moveTask(state: Failover, task: TaskId, from: TaskPhase, to: TaskPhase): Failover {
  const { vertex, subtask } = task;
  const ofVertex = present(state.tasks[vertex], () => `no vertex ${vertex}`).with(subtask, to);
  const { counts } = state;
  return {
    ...state,
    tasks: state.tasks.with(vertex, ofVertex),
    counts: { ...counts, [from]: counts[from] - 1, [to]: counts[to] + 1 },
  };
}

function failTask(
  state: Failover,
  event: OfTask,
  why: string,
  culprit: OperatorUid | undefined,
): FailoverStep {
  if (event.attempt !== state.attempt) return ignore(state, "another-attempt");
  if (taskPhase(state, event) === "finished") return ignore(state, "known-already");
  const blames = culprit !== undefined && state.userFailure === undefined; // FO6
  const blamed = blames ? { ...state, userFailure: { uid: culprit, why } } : state;
  const step = failAttempt(blamed, `task ${taskText(event)}: ${why}`);
  return step.state.phase === "failing" ? step : { ...step, state };
}

function loseTaskManager(
  state: Failover,
  process: ProcessId,
  tasks: readonly TaskId[],
  why: string,
): FailoverStep {
  const unfinished = tasks.some((task) => taskPhase(state, task) !== "finished");
  if (!unfinished) return ignore(state, "hosted-nothing-unfinished");
  return failAttempt(state, `task manager ${process} lost: ${why}`);
}

function failAttempt(state: Failover, why: string): FailoverStep {
  switch (state.phase) {
    case "deploying":
    case "running":
    case "finishing":
      return cancelTasks({ ...state, phase: "failing", cause: why }, why);
    case "failing":
    case "restart-pending":
    case "waiting-for-slots":
      return ignore(state, "merged-into-restart");
    case "created":
    case "finished":
    case "cancelling":
    case "cancelled":
    case "failed":
      return ignore(state, "wrong-phase");
    default:
      return unreachable(state.phase);
  }
}

function attemptGone(state: Failover, attempt: AttemptId, restart: RestartVerdict): FailoverStep {
  if (attempt !== state.attempt) return ignore(state, "another-attempt");
  if (state.phase === "cancelling") return done(state, { kind: "cancelled" });
  if (state.phase !== "failing") return ignore(state, "wrong-phase");
  const { userFailure } = state;
  const failures =
    userFailure === undefined ? state.failures : countFailure(state.failures, userFailure);
  const same = userFailure === undefined ? 0 : (failures[0]?.attempts ?? 0);
  if (userFailure !== undefined && same >= state.config.sameFailuresMax) {
    return done(state, { kind: "failed", why: lastFailureText(userFailure, same) });
  }
  if (restart.kind === "refused") {
    return done(state, { kind: "failed", why: `${state.cause}; ${restart.why}` });
  }
  const { delayMs, restarts } = restart;
  return {
    state: { ...state, phase: "restart-pending", failures },
    effects: [{ kind: "schedule-restart", delayMs, restarts }],
  };
}

function allEnded(state: Failover, attempt: AttemptId, checkpointId: CheckpointId): FailoverStep {
  if (attempt !== state.attempt) return ignore(state, "another-attempt");
  if (state.phase !== "running") return ignore(state, "wrong-phase");
  return {
    state: { ...state, phase: "finishing" },
    effects: [{ kind: "finish-tasks", attempt, checkpointId }],
  };
}

function cancel(state: Failover): FailoverStep {
  switch (state.phase) {
    case "created":
    case "waiting-for-slots":
    case "restart-pending":
      return done(state, { kind: "cancelled" });
    case "deploying":
    case "running":
      return cancelTasks({ ...state, phase: "cancelling" }, "cancellation was requested");
    case "failing":
      return { state: { ...state, phase: "cancelling" }, effects: [] };
    case "finishing":
      return ignore(state, "finishing-already");
    case "cancelling":
      return ignore(state, "known-already");
    case "finished":
    case "cancelled":
    case "failed":
      return ignore(state, "wrong-phase");
    default:
      return unreachable(state.phase);
  }
}

function cancelTasks(state: Failover, why: string): FailoverStep {
  const attempt = present(state.attempt, () => `phase ${state.phase} without an attempt`);
  return { state, effects: [{ kind: "cancel-tasks", attempt, why }] };
}

const done = (state: Failover, outcome: JobOutcome): FailoverStep => ({
  state: { ...state, phase: outcome.kind },
  effects: [{ kind: "job-done", outcome }],
});

function taskPhase(state: Failover, task: TaskId): TaskPhase {
  const phase = state.tasks[task.vertex]?.[task.subtask];
  return present(phase, () => `task ${taskText(task)} is not of attempt ${state.attempt}`);
}

function allReached({ config, counts }: Failover, phase: TaskPhase): boolean {
  let reached = 0;
  for (const each of TASK_PHASES) {
    if (TASK_ORDER[each] >= TASK_ORDER[phase]) reached += counts[each];
  }
  return reached === config.tasks.length;
}

const ignore = (state: Failover, why: IgnoreReason): FailoverStep => ({
  state,
  effects: [{ kind: "ignore", why }],
});
