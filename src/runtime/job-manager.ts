/**
 * The process that decides: leads its job, deploys it, keeps its checkpoints, and restarts it.
 *
 * It drives two pure machines, the failover and the checkpoint coordinator, carries out what they ask
 * for, and turns reports and answers into their events. What it must not forget lies in the object
 * store; a successor reads it there.
 *
 *   takeLeadership -> failover.start -> deploy -> running <-> failing, restarting
 *                                                   \-> finished, cancelled, failed -> clean-up
 *
 * JM1  Nothing is sent or stored before leadership is won; everything sent carries its epoch (C122).
 * JM2  Nothing is deployed and no job ends while a checkpoint's metadata may or may not be there (C123).
 * JM3  A job with a terminal record is not run again (C124).
 *
 * Not here: who runs, and what after a failure (`failover.ts`), checkpoints, sources, and how a job ends
 * (`checkpoint-driver.ts`, `source-coordinators.ts`, `job-end.ts`), reports (`task-manager-registry.ts`).
 */
import { present, unreachable } from "../core/assert.ts";
import {
  asAttemptId,
  asCheckpointId,
  asLeaderEpoch,
  asSubtaskIndex,
  attemptOf,
  type AttemptId,
  type CheckpointId,
  type LeaderEpoch,
  type ProcessId,
} from "../core/ids.ts";
import { restorePoint } from "../checkpoint/coordinator.ts";
import { planRestore, restoreErrorText } from "../checkpoint/restorer.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import type { Host, Process } from "../host/host.ts";
import { CheckpointDriver } from "./checkpoint-driver.ts";
import { Deployment } from "./deployment.ts";
import {
  createFailover,
  stepFailover,
  type Failover,
  type FailoverEffect,
  type FailoverEvent,
  type JobOutcome,
} from "./failover.ts";
import { culpritOf, failoverEventOf } from "./task-report.ts";
import { JobEnd } from "./job-end.ts";
import { takeLeadership, type Inheritance } from "./leadership.ts";
import {
  decodeMessage,
  encodeMessage,
  type Message,
  type MessageOf,
  type TaskReport,
} from "./messages.ts";
import type { RuntimeOptions } from "./options.ts";
import { createRestartStrategy, decideRestart, JITTER_DRAW_MAX } from "./restart-strategy.ts";
import { SourceCoordinators } from "./source-coordinators.ts";
import { TaskManagerRegistry, type TaskManagerEntry } from "./task-manager-registry.ts";

export type JobManagerConfig = Readonly<{ plan: PhysicalPlan; options: RuntimeOptions }>;

export class JobManager implements Process {
  readonly #host: Host;
  readonly #plan: PhysicalPlan;
  readonly #options: RuntimeOptions;
  readonly #registry = new TaskManagerRegistry();
  readonly #sources: SourceCoordinators;
  readonly #checkpoints: CheckpointDriver;
  #epoch: LeaderEpoch = asLeaderEpoch(0);
  #failover: Failover | undefined;
  #deployment: Deployment | undefined;
  #restarts = createRestartStrategy();
  #slotsWanted = false;
  /** The attempt that was cancelled and is not known to be gone. */
  #cancelling: AttemptId | undefined;
  #finishing: Readonly<{ attempt: AttemptId; checkpointId: CheckpointId }> | undefined;
  #cancelRequested = false;
  readonly #jobEnd: JobEnd;
  /** The job has ended: up to this attempt nothing may run anywhere. */
  #retired: AttemptId | undefined;

  constructor(host: Host, config: JobManagerConfig) {
    this.#host = host;
    this.#plan = config.plan;
    this.#options = config.options;
    this.#sources = new SourceCoordinators(host, config.plan, {
      tell: (message) => {
        const process = this.#deployment?.processOf(message.vertex, message.subtask);
        if (process !== undefined) this.#tell(process, { ...message, epoch: this.#epoch });
      },
      onFailed: (failure) => this.#drive(failure),
    });
    this.#checkpoints = new CheckpointDriver(host, config.plan, this.#sources, {
      tell: (attempt, message) =>
        this.#tellAttempt(attempt, { ...this.#fence(attempt), ...message }),
      onAllEnded: (attempt, checkpointId) =>
        this.#drive({ kind: "all-ended", attempt, checkpointId }),
      onSettled: () => {
        this.#deployWhenPossible();
        this.#jobEnd.proceed();
      },
    });
    this.#jobEnd = new JobEnd({
      host,
      job: config.plan.graph.name,
      isUnsettled: () => this.#checkpoints.unsettled,
      isIdle: (attempt) => this.#registry.isIdle(attempt, host.nowUs()),
      onRetired: (attempt) => this.#retire(attempt),
    });
  }

  start(): void {
    const { graph } = this.#plan;
    takeLeadership(this.#host, graph.name, graph.checkpoints.retained, {
      onElected: (epoch) => {
        this.#epoch = epoch;
        this.#host.note({ kind: "leader-elected", epoch });
        this.#heartbeat();
      },
      onReady: (inheritance) => this.#lead(inheritance),
      onUnreadable: (why) => this.#host.note({ kind: "recovery-failed", why }),
    });
  }

  onMessage(from: ProcessId, bytes: Uint8Array): void {
    if (this.#epoch === 0) return; // JM1
    const message = decodeMessage(bytes);
    switch (message.kind) {
      case "report":
        this.#onReport(from, message);
        return;
      case "acknowledge":
        this.#checkpoints.onAcknowledge(message);
        return;
      case "decline":
        this.#checkpoints.onDecline(message);
        return;
      case "cancel-job":
        this.#cancelRequested = true;
        this.#drive({ kind: "cancel-requested" });
        return;
      case "heartbeat":
      case "deploy":
      case "run":
      case "cancel":
      case "assign":
      case "align":
      case "trigger":
      case "completed":
      case "aborted":
      case "finish":
        return; // for task managers only
      case "savepoint-job":
      case "stop-job":
      case "rescale-job":
      case "resume-job":
        return;
      case "answer":
        return; // for clients only
      default:
        unreachable(message);
    }
  }

  #lead({ records, completed }: Inheritance): void {
    if (records.terminal !== undefined) {
      this.#jobEnd.resume(records.terminal, this.#epoch, attemptOf(this.#epoch, 0)); // JM3
      return;
    }
    this.#checkpoints.start(records.reservedThrough, completed);
    this.#failover = createFailover({
      epoch: this.#epoch,
      sameFailuresMax: this.#plan.graph.restart.sameFailuresMax,
      attemptsBefore: 0,
      tasks: this.#plan.vertices.flatMap((vertex) =>
        Array.from({ length: vertex.parallelism }, (_, subtask) => ({
          vertex: vertex.index,
          subtask: asSubtaskIndex(subtask),
        })),
      ),
    });
    this.#drive({ kind: "start" });
    if (this.#cancelRequested) this.#drive({ kind: "cancel-requested" });
  }

  #drive(event: FailoverEvent): void {
    if (this.#failover === undefined) return;
    const step = stepFailover(this.#failover, event);
    this.#failover = step.state;
    for (const effect of step.effects) this.#carryOut(effect);
  }

  #carryOut(effect: FailoverEffect): void {
    const host = this.#host;
    switch (effect.kind) {
      case "request-slots":
        this.#slotsWanted = true;
        this.#deployWhenPossible();
        return;
      case "deploy":
        this.#deploy(effect.attempt);
        return;
      case "run-tasks":
        if (this.#deployment !== undefined) this.#deployment.mayRun = true;
        this.#tellAttempt(effect.attempt, { kind: "run", ...this.#fence(effect.attempt) });
        return;
      case "attempt-running": {
        host.note({ kind: "job-running", attempt: effect.attempt });
        const { config } = present(this.#failover, () => "an attempt runs without a failover");
        this.#checkpoints.attemptRunning(effect.attempt, config.tasks);
        return;
      }
      case "cancel-tasks":
        host.note({ kind: "job-failing", attempt: effect.attempt, why: effect.why });
        this.#checkpoints.attemptEnded(effect.attempt, effect.why);
        this.#sources.close();
        this.#cancel(effect.attempt);
        return;
      case "schedule-restart":
        host.note({ kind: "job-restarting", afterMs: effect.delayMs, restarts: effect.restarts });
        host.setTimer(effect.delayMs * 1_000, () => this.#drive({ kind: "restart-due" }));
        return;
      case "finish-tasks":
        this.#finishing = effect;
        this.#tellAttempt(effect.attempt, { kind: "finish", ...this.#finishBody(effect) });
        return;
      case "job-done":
        this.#end(effect.outcome);
        return;
      case "ignore":
        return;
      default:
        unreachable(effect);
    }
  }

  #fence(attempt: AttemptId): Readonly<{ epoch: number; attempt: number }> {
    return { epoch: this.#epoch, attempt };
  }

  #finishBody(
    finishing: Readonly<{ attempt: AttemptId; checkpointId: CheckpointId }>,
  ): Readonly<{ epoch: number; attempt: number; checkpointId: number }> {
    return { ...this.#fence(finishing.attempt), checkpointId: finishing.checkpointId };
  }

  #deployWhenPossible(): void {
    if (!this.#slotsWanted || this.#checkpoints.unsettled) return; // JM2
    if (this.#registry.place(this.#plan) === undefined) return;
    this.#slotsWanted = false;
    this.#drive({ kind: "slots-available" });
  }

  #deploy(attempt: AttemptId): void {
    const locations = present(this.#registry.place(this.#plan), () => "slots have gone");
    const point = restorePoint(this.#checkpoints.coordinator);
    const checkpoint = point.kind === "checkpoint" ? point.checkpoint : undefined;
    const checkpointId = checkpoint?.id ?? asCheckpointId(0);
    this.#host.note({ kind: "job-deploying", attempt, checkpointId });
    const restore = checkpoint && planRestore(checkpoint, this.#plan);
    if (restore?.ok === false) {
      this.#end({ kind: "failed", why: restoreErrorText(restore.error) });
      return;
    }
    const sources = this.#sources.deploy(attempt, checkpoint);
    if (!sources.ok) {
      this.#end({ kind: "failed", why: sources.error });
      return;
    }
    if (restore !== undefined) this.#host.note({ kind: "job-restored", attempt, checkpointId });
    const deployment = (this.#deployment = new Deployment(attempt, locations, restore?.value));
    for (const process of deployment.processes) {
      this.#tell(process, deployment.messageTo(process, this.#epoch));
    }
  }

  #cancel(attempt: AttemptId): void {
    this.#cancelling = attempt;
    this.#finishing = undefined;
    this.#tellAttempt(attempt, { kind: "cancel", ...this.#fence(attempt) });
    this.#checkGone();
  }

  #checkGone(): void {
    const attempt = this.#cancelling;
    const deployment = this.#deployment;
    if (attempt === undefined || deployment?.attempt !== attempt) return;
    if (!deployment.isGone(this.#registry)) return;
    this.#cancelling = undefined;
    const { graph } = this.#plan;
    const nowMs = Math.floor(this.#host.nowUs() / 1_000);
    const draw = this.#host.random.integer(0, JITTER_DRAW_MAX);
    const decision = decideRestart(graph.restart, this.#restarts, nowMs, draw);
    this.#drive({ kind: "attempt-gone", attempt, restart: decision.verdict });
    if (this.#failover?.phase === "restart-pending") this.#restarts = decision.state;
  }

  #onReport(from: ProcessId, report: MessageOf<"report">): void {
    const heard = this.#registry.hear(from, report, this.#host.nowUs());
    if (heard === "overtaken") return;
    if (heard === "restarted") this.#lose(from, "restarted");
    if (heard !== "known") this.#host.note({ kind: "task-manager-registered", process: from });
    this.#reconcile(present(this.#registry.get(from), () => `${from} was heard, yet is not known`));
    this.#deployWhenPossible();
  }

  /** Brings one task manager and what it ought to do together, in whatever order messages came. */
  #reconcile({ process, report }: TaskManagerEntry): void {
    const deployment = this.#deployment;
    if (this.#retired !== undefined) {
      if (report.attempt !== 0 || report.cancelledThrough < this.#retired) {
        this.#tell(process, { kind: "cancel", ...this.#fence(this.#retired) });
      }
      return;
    }
    if (report.attempt !== 0 && report.attempt !== deployment?.attempt) {
      const attempt = asAttemptId(report.attempt);
      this.#tell(process, { kind: "cancel", ...this.#fence(attempt) });
      return;
    }
    if (deployment === undefined || !deployment.processes.has(process)) return;
    if (deployment.isGoneAt(process)) return;
    const { attempt } = deployment;
    if (this.#cancelling === attempt) {
      // What user code threw may be heard of after what followed from it.
      for (const task of report.attempt === attempt ? report.tasks : []) {
        if (culpritOf(task) !== undefined) this.#drive(failoverEventOf(attempt, task)!);
      }
      if (report.cancelledThrough < attempt) {
        this.#tell(process, { kind: "cancel", ...this.#fence(attempt) });
      }
      this.#checkGone();
      return;
    }
    if (report.attempt === attempt) {
      deployment.accept(process);
      for (const task of report.tasks) this.#onTaskReport(attempt, task);
      this.#repeatLost(process, report);
      this.#finishUncheckpointed(attempt);
      return;
    }
    if (deployment.hasAccepted(process) || report.cancelledThrough >= attempt) {
      this.#lose(process, "its tasks are gone");
    } else if (this.#failover?.phase === "deploying") {
      this.#tell(process, deployment.messageTo(process, this.#epoch));
    }
  }

  /** Who is behind has missed a message, or will have had it twice: both are fine. */
  #repeatLost(process: ProcessId, { tasks }: MessageOf<"report">): void {
    const deployment = this.#deployment;
    if (deployment === undefined || this.#cancelling === deployment.attempt) return;
    if (deployment.mayRun && tasks.some(({ state }) => state === "initialized")) {
      this.#tell(process, { kind: "run", ...this.#fence(deployment.attempt) });
    }
    const finishing = this.#finishing;
    if (finishing?.attempt === deployment.attempt && tasks.some(({ state }) => state === "ended")) {
      this.#tell(process, { kind: "finish", ...this.#finishBody(finishing) });
    }
  }

  /** Without checkpoints no completed one says that all input has ended; the reports have to. */
  #finishUncheckpointed(attempt: AttemptId): void {
    const deployment = this.#deployment;
    if (this.#plan.graph.checkpoints.intervalMs > 0 || deployment?.attempt !== attempt) return;
    if (!this.#registry.allEnded(attempt, deployment.processes)) return;
    this.#drive({ kind: "all-ended", attempt, checkpointId: asCheckpointId(0) });
  }

  #onTaskReport(attempt: AttemptId, report: TaskReport): void {
    if (this.#deployment?.attempt !== attempt || this.#cancelling === attempt) return;
    const event = failoverEventOf(attempt, report);
    if (event !== undefined) this.#drive(event);
    if (this.#cancelling !== attempt) this.#sources.onTaskReport(report);
  }

  #lose(process: ProcessId, why: string): void {
    this.#host.note({ kind: "task-manager-lost", process, why });
    this.#deployment?.lose(process);
    const tasks = this.#deployment?.tasksAt(process) ?? [];
    this.#drive({ kind: "task-manager-lost", process, tasks, why });
    this.#checkGone();
  }

  #heartbeat(): void {
    const { heartbeatMs, heartbeatTimeoutMs } = this.#options;
    const silent = this.#registry.takeSilent(this.#host.nowUs(), heartbeatTimeoutMs * 1_000);
    for (const process of silent) this.#lose(process, "silent for too long");
    for (const { process } of this.#registry.all()) {
      this.#tell(process, { kind: "heartbeat", epoch: this.#epoch });
    }
    this.#checkpoints.remind();
    this.#host.setTimer(heartbeatMs * 1_000, () => this.#heartbeat());
  }

  #tellAttempt(attempt: AttemptId, message: Message): void {
    if (this.#deployment?.attempt !== attempt) return;
    for (const process of this.#deployment.processes) this.#tell(process, message);
  }

  #tell(process: ProcessId, message: Message): void {
    this.#host.send(process, encodeMessage(message));
  }

  #end(outcome: JobOutcome): void {
    this.#checkpoints.stop();
    this.#sources.close();
    const lastAttempt = this.#failover?.attempt ?? attemptOf(this.#epoch, 0);
    this.#jobEnd.begin({ outcome, epoch: this.#epoch, lastAttempt });
  }

  #retire(attempt: AttemptId): void {
    this.#retired = attempt;
    for (const entry of this.#registry.all()) this.#reconcile(entry);
  }
}
