/**
 * One region of a job as it runs: drives its failover, deploys its attempts, and brings each task manager
 * and what it ought to do together, in whatever order messages come.
 *
 *   failover --deploy, run, cancel, finish--> task managers --reports--> reconcile --events--> failover
 *
 * JM2  Nothing is deployed while a checkpoint's metadata may or may not be there (C123).
 *
 * Not here: who lives (`job-manager.ts`), what regions share (`job-run.ts`), the decisions
 * (`failover.ts`).
 */
import { present, unreachable } from "../core/assert.ts";
import {
  asAttemptId,
  asCheckpointId,
  asSubtaskIndex,
  attemptOf,
  type AttemptId,
  type CheckpointId,
  type LeaderEpoch,
  type ProcessId,
} from "../core/ids.ts";
import type { Result } from "../core/result.ts";
import type { RestorePlan } from "../checkpoint/restorer.ts";
import type { TaskId } from "../checkpoint/task-id.ts";
import type { Region } from "../graph/regions.ts";
import type { Parallelism } from "../graph/rescaled.ts";
import type { Host } from "../host/host.ts";
import { Deployment } from "./deployment.ts";
import {
  createFailover,
  stepFailover,
  type Failover,
  type FailoverEffect,
  type FailoverEvent,
  type JobOutcome,
} from "./failover.ts";
import type { Message, MessageOf, RegionReport, TaskReport } from "./messages.ts";
import type { RestartVerdict } from "./restart-strategy.ts";
import {
  ofRegion,
  type TaskManagerEntry,
  type TaskManagerRegistry,
} from "./task-manager-registry.ts";
import { culpritOf, failoverEventOf } from "./task-report.ts";

export type RegionRunConfig = Readonly<{
  host: Host;
  epoch: LeaderEpoch;
  region: Region;
  /** Of operators that have been rescaled. */
  parallelism: Parallelism;
  registry: TaskManagerRegistry;
  sameFailuresMax: number;
  /** Of this leader that came before, under another plan. */
  attemptsBefore: number;
  /** Without checkpoints only the reports tell that all input has ended. */
  checkpointed: boolean;
  /** Task managers keep what they store, so tasks go back to where they were (C69). */
  localRecovery: boolean;
}>;

/** What regions of a job have in common; each call names the region. */
export type RegionRunEvents = Readonly<{
  tell(process: ProcessId, message: Message): void;
  /** JM2: false until the restore point is settled. */
  mayDeploy(): boolean;
  /** What the attempt goes back to; its enumerators stand there already. */
  restore(region: number, attempt: AttemptId): Result<Restored, string>;
  /** An attempt has failed; `granted` is called if another one follows. */
  askRestart(): Readonly<{ verdict: RestartVerdict; granted(): void }>;
  onRunning(region: number, attempt: AttemptId, tasks: readonly TaskId[]): void;
  onFailing(region: number, attempt: AttemptId, why: string): void;
  onRestarting(region: number): void;
  onTaskReport(report: TaskReport): void;
  onDone(region: number, outcome: JobOutcome): void;
}>;

export type Restored = Readonly<{
  /** Undefined: the beginning. */
  plan: RestorePlan | undefined;
  /** The job has stopped behind that checkpoint: what is in it is committed, and nothing else done. */
  stopped: boolean;
}>;

type Fence = Readonly<{ epoch: number; region: number; attempt: number }>;

export class RegionRun {
  readonly #config: RegionRunConfig;
  readonly #events: RegionRunEvents;
  #failover: Failover;
  #deployment: Deployment | undefined;
  #slotsWanted = false;
  /** The attempt that was cancelled and is not known to be gone. */
  #cancelling: AttemptId | undefined;
  #finishing: Readonly<{ attempt: AttemptId; checkpointId: CheckpointId }> | undefined;

  constructor(config: RegionRunConfig, events: RegionRunEvents) {
    const { epoch, sameFailuresMax, attemptsBefore, region } = config;
    this.#config = config;
    this.#events = events;
    const tasks = region.vertices.flatMap((vertex) =>
      Array.from({ length: vertex.parallelism }, (_, subtask) => ({
        vertex: vertex.index,
        subtask: asSubtaskIndex(subtask),
      })),
    );
    this.#failover = createFailover({ epoch, sameFailuresMax, attemptsBefore, tasks });
  }

  /** The newest attempt, or the zeroth of this leader. */
  get attempt(): AttemptId {
    return this.#failover.attempt ?? attemptOf(this.#config.epoch, this.attempts);
  }

  get restarting(): boolean {
    return this.#failover.phase === "restart-pending";
  }

  get attempts(): number {
    return this.#failover.attempts;
  }

  start(): void {
    this.#drive({ kind: "start" });
  }

  cancel(): void {
    this.#drive({ kind: "cancel-requested" });
  }

  /** Starts over, whether or not a task of it has failed. */
  overrule(why: string): void {
    this.#drive({ kind: "overruled", why });
  }

  /** A source of it has failed at the job manager (C106). */
  fail(event: FailoverEvent): void {
    this.#drive(event);
  }

  /** Everything is in this checkpoint: commit it, and end. */
  finish(checkpointId: CheckpointId): void {
    this.#drive({ kind: "all-ended", attempt: this.attempt, checkpointId });
  }

  deployWhenPossible(): void {
    const { region, registry } = this.#config;
    if (!this.#slotsWanted || !this.#events.mayDeploy()) return; // JM2
    if (registry.place(region.vertices) === undefined) return;
    this.#slotsWanted = false;
    this.#drive({ kind: "slots-available" });
  }

  lose(process: ProcessId, why: string): void {
    this.#deployment?.lose(process);
    const tasks = this.#deployment?.tasksAt(process) ?? [];
    this.#drive({ kind: "task-manager-lost", process, tasks, why });
    this.#checkGone();
  }

  tellAttempt(attempt: AttemptId, message: Message): void {
    if (this.#deployment?.attempt !== attempt) return;
    for (const process of this.#deployment.processes) this.#events.tell(process, message);
  }

  processOf(vertex: number, subtask: number): ProcessId | undefined {
    return this.#deployment?.processOf(vertex, subtask);
  }

  fence(attempt: AttemptId): Fence {
    return { epoch: this.#config.epoch, region: this.#config.region.index, attempt };
  }

  /** Brings one task manager and what it ought to do together. */
  reconcile({ process, report }: TaskManagerEntry): void {
    const deployment = this.#deployment;
    const told = ofRegion(report, this.#config.region.index);
    if (told.attempt !== 0 && told.attempt !== deployment?.attempt) {
      const attempt = asAttemptId(told.attempt);
      this.#events.tell(process, { kind: "cancel", ...this.fence(attempt) });
      return;
    }
    if (deployment === undefined || !deployment.processes.has(process)) return;
    if (deployment.isGoneAt(process)) return;
    const { attempt } = deployment;
    if (this.#cancelling === attempt) {
      this.#hearCancelled(process, attempt, told);
      return;
    }
    if (told.attempt === attempt) {
      deployment.accept(process);
      for (const task of told.tasks) this.#onTaskReport(attempt, task);
      this.#repeatLost(process, told);
      this.#finishUncheckpointed(attempt);
      return;
    }
    if (deployment.hasAccepted(process) || told.cancelledThrough >= attempt) {
      const why = "its tasks are gone";
      this.#config.host.note({ kind: "task-manager-lost", process, why });
      this.lose(process, why);
    } else if (this.#failover.phase === "deploying") {
      this.#events.tell(process, deployment.messageTo(process, this.#config.epoch));
    }
  }

  #drive(event: FailoverEvent): void {
    const step = stepFailover(this.#failover, event);
    this.#failover = step.state;
    for (const effect of step.effects) this.#carryOut(effect);
  }

  #carryOut(effect: FailoverEffect): void {
    const { host, region } = this.#config;
    switch (effect.kind) {
      case "request-slots":
        this.#slotsWanted = true;
        this.deployWhenPossible();
        return;
      case "deploy":
        this.#deploy(effect.attempt);
        return;
      case "run-tasks":
        if (this.#deployment !== undefined) this.#deployment.mayRun = true;
        this.tellAttempt(effect.attempt, { kind: "run", ...this.fence(effect.attempt) });
        return;
      case "attempt-running": {
        host.note({ kind: "job-running", region: region.index, attempt: effect.attempt });
        this.#events.onRunning(region.index, effect.attempt, this.#failover.config.tasks);
        return;
      }
      case "cancel-tasks": {
        const { attempt, why } = effect;
        host.note({ kind: "job-failing", region: region.index, attempt, why });
        this.#events.onFailing(region.index, attempt, why);
        this.#cancel(attempt);
        return;
      }
      case "schedule-restart":
        host.note({ kind: "job-restarting", afterMs: effect.delayMs, restarts: effect.restarts });
        host.setTimer(effect.delayMs * 1_000, () => this.#drive({ kind: "restart-due" }));
        this.#events.onRestarting(region.index);
        return;
      case "finish-tasks":
        this.#finishing = effect;
        this.tellAttempt(effect.attempt, this.#finishMessage(effect));
        return;
      case "job-done":
        this.#events.onDone(region.index, effect.outcome);
        return;
      case "ignore":
        return;
      default:
        unreachable(effect);
    }
  }

  #finishMessage(
    finishing: Readonly<{ attempt: AttemptId; checkpointId: CheckpointId }>,
  ): MessageOf<"finish"> {
    const { attempt, checkpointId } = finishing;
    return { kind: "finish", ...this.fence(attempt), checkpointId };
  }

  #deploy(attempt: AttemptId): void {
    const { host, region, registry, parallelism, epoch, localRecovery } = this.#config;
    const before = localRecovery ? this.#deployment?.locations : undefined;
    const locations = present(registry.place(region.vertices, before), () => "slots have gone");
    const restored = this.#events.restore(region.index, attempt);
    if (!restored.ok) {
      this.#drive({ kind: "undeployable", why: restored.error });
      return;
    }
    const { plan: restore, stopped } = restored.value;
    const checkpointId = restore?.checkpointId ?? asCheckpointId(0);
    const what = { region: region.index, attempt, checkpointId };
    host.note({ kind: "job-deploying", ...what });
    if (restore !== undefined) host.note({ kind: "job-restored", ...what });
    const config = { region: region.index, attempt, locations, parallelism, restore, stopped };
    const deployment = (this.#deployment = new Deployment(config));
    for (const process of deployment.processes) {
      this.#events.tell(process, deployment.messageTo(process, epoch));
    }
  }

  #cancel(attempt: AttemptId): void {
    this.#cancelling = attempt;
    this.#finishing = undefined;
    this.tellAttempt(attempt, { kind: "cancel", ...this.fence(attempt) });
    this.#checkGone();
  }

  #checkGone(): void {
    const attempt = this.#cancelling;
    const deployment = this.#deployment;
    if (attempt === undefined || deployment?.attempt !== attempt) return;
    if (!deployment.isGone(this.#config.registry)) return;
    this.#cancelling = undefined;
    const { verdict, granted } = this.#events.askRestart();
    this.#drive({ kind: "attempt-gone", attempt, restart: verdict });
    if (this.#failover.phase === "restart-pending") granted();
  }

  /** What user code threw may be heard of after what followed from it. */
  #hearCancelled(process: ProcessId, attempt: AttemptId, told: RegionReport): void {
    for (const task of told.attempt === attempt ? told.tasks : []) {
      if (culpritOf(task) !== undefined) this.#drive(failoverEventOf(attempt, task)!);
    }
    if (told.cancelledThrough < attempt) {
      this.#events.tell(process, { kind: "cancel", ...this.fence(attempt) });
    }
    this.#checkGone();
  }

  /** Who is behind has missed a message, or will have had it twice: both are fine. */
  #repeatLost(process: ProcessId, { tasks }: RegionReport): void {
    const deployment = this.#deployment;
    if (deployment === undefined || this.#cancelling === deployment.attempt) return;
    const { attempt } = deployment;
    if (deployment.mayRun && tasks.some(({ state }) => state === "initialized")) {
      this.#events.tell(process, { kind: "run", ...this.fence(attempt) });
    }
    const finishing = this.#finishing;
    if (finishing?.attempt === attempt && tasks.some(({ state }) => state !== "finished")) {
      this.#events.tell(process, this.#finishMessage(finishing));
    }
  }

  /** Without checkpoints no completed one says that all input has ended; the reports have to. */
  #finishUncheckpointed(attempt: AttemptId): void {
    const { checkpointed, registry, region } = this.#config;
    const deployment = this.#deployment;
    if (checkpointed || deployment?.attempt !== attempt) return;
    if (!registry.allEnded(region.index, attempt, deployment.processes)) return;
    this.finish(asCheckpointId(0));
  }

  #onTaskReport(attempt: AttemptId, report: TaskReport): void {
    if (this.#deployment?.attempt !== attempt || this.#cancelling === attempt) return;
    const event = failoverEventOf(attempt, report);
    if (event !== undefined) this.#drive(event);
    if (this.#cancelling !== attempt) this.#events.onTaskReport(report);
  }
}
