/**
 * A job under one leader: its regions, and what they have in common: checkpoints, sources, restarts.
 *
 *   region fails --> it alone starts over, from the latest completed checkpoint (C118)
 *   too many checkpoints fail in a row --> all regions start over (C35)
 *   all regions finished, or one failed or the job cancelled and the others gone --> ended
 *
 * JR1  The job has finished when every region has; when one has failed for good, the others are cancelled
 *      before the job has failed.
 * JR2  Regions go back to one checkpoint, the newest: none is taken while one of them does not run (C49).
 * JR3  Once all input is in a completed checkpoint, or the job has stopped behind one, no other is taken,
 *      and a region that fails only has to commit what is in that one (C45, A46).
 * JR4  Another plan takes over when no attempt of the old one is left; attempts and checkpoint ids are
 *      counted on (C23, C119).
 *
 * Not here: one region (`region-run.ts`), who leads and who lives (`job-manager.ts`), how a job ends
 * (`job-end.ts`).
 */
import type { AttemptId, CheckpointId, LeaderEpoch, ProcessId } from "../core/ids.ts";
import { err, ok, type Result } from "../core/result.ts";
import { restorePoint, stoppedBehind, type CheckpointRequest } from "../checkpoint/coordinator.ts";
import { outlivingPaths } from "../checkpoint/outliving.ts";
import { planRestore, restoreErrorText } from "../checkpoint/restorer.ts";
import type { TaskId } from "../checkpoint/task-id.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import { regionsOf } from "../graph/regions.ts";
import type { Parallelism } from "../graph/rescaled.ts";
import type { Host } from "../host/host.ts";
import { CheckpointDriver } from "./checkpoint-driver.ts";
import type { JobOutcome } from "./failover.ts";
import type { Inheritance } from "./inheritance.ts";
import type { Message, MessageOf, TaskReport } from "./messages.ts";
import { RegionRun, type RegionRunEvents, type Restored } from "./region-run.ts";
import { createRestartStrategy, decideRestart, JITTER_DRAW_MAX } from "./restart-strategy.ts";
import { SourceCoordinators } from "./source-coordinators.ts";
import type { TaskManagerEntry, TaskManagerRegistry } from "./task-manager-registry.ts";

export type JobRunConfig = Readonly<{
  host: Host;
  plan: PhysicalPlan;
  /** Of operators that have been rescaled in it. */
  parallelism: Parallelism;
  epoch: LeaderEpoch;
  registry: TaskManagerRegistry;
  /** Of this leader that came before, in earlier runs. */
  attemptsBefore: number;
}>;

export type JobRunEvents = Readonly<{
  tell(process: ProcessId, message: Message): void;
  /** No metadata write of unknown outcome is left. */
  onSettled(): void;
  /** What has come of a request for a savepoint. */
  onAnswer(name: string, done: boolean, why: string): void;
  onEnded(outcome: JobOutcome): void;
}>;

type Replan = Readonly<{ plan: PhysicalPlan; parallelism: Parallelism; then: () => void }>;

export class JobRun {
  readonly #config: JobRunConfig;
  readonly #events: JobRunEvents;
  #plan: PhysicalPlan;
  #regions: readonly RegionRun[] = [];
  /** By vertex. */
  readonly #regionOf = new Map<number, RegionRun>();
  readonly #sources: SourceCoordinators;
  readonly #checkpoints: CheckpointDriver;
  readonly #done = new Map<number, JobOutcome>();
  #restarts = createRestartStrategy();
  /** What the job will have come to; undefined while it goes on. */
  #verdict: JobOutcome | undefined;
  /** JR3: it has all input; undefined while none has. */
  #last: CheckpointId | undefined;
  /** JR4: what is to follow once everything is gone. */
  #replan: Replan | undefined;
  #allowNonRestoredState = false;

  constructor(config: JobRunConfig, events: JobRunEvents) {
    const { host, plan, epoch } = config;
    this.#config = config;
    this.#events = events;
    this.#plan = plan;
    this.#sources = new SourceCoordinators(host, regionsOf(plan), {
      tell: (message) => {
        const { vertex, subtask } = message;
        const process = this.#regionOf.get(vertex)?.processOf(vertex, subtask);
        if (process !== undefined) events.tell(process, { ...message, epoch });
      },
      onFailed: (region, failure) => this.#regions[region]?.fail(failure),
    });
    this.#layOut(plan, config.parallelism, config.attemptsBefore);
    this.#checkpoints = new CheckpointDriver(host, plan, this.#sources, {
      tell: (region, attempt, message) => {
        const run = this.#regions[region];
        run?.tellAttempt(attempt, { ...run.fence(attempt), ...message });
      },
      onAllEnded: (checkpointId) => this.#finish(checkpointId),
      onAnswer: (name, done, why) => events.onAnswer(name, done, why),
      onStopped: ({ id }) => this.#finish(id),
      onTooManyFailures: (why) => this.#overrule(why),
      onSettled: () => {
        this.#replanWhenGone();
        this.deployWhenPossible();
        events.onSettled();
      },
    });
  }

  /** Nothing may be recorded while a checkpoint's metadata may or may not be there (C123). */
  get writing(): boolean {
    return this.#checkpoints.writing;
  }

  /** No attempt of any region that came later was ever deployed. */
  get lastAttempt(): AttemptId {
    return Math.max(...this.#regions.map(({ attempt }) => attempt)) as AttemptId;
  }

  /** Some region waits for its next attempt. */
  get restarting(): boolean {
    return this.#regions.some(({ restarting }) => restarting);
  }

  get attempts(): number {
    return Math.max(...this.#regions.map(({ attempts }) => attempts));
  }

  /** The job comes to its end, whatever else is asked of it. */
  get ending(): boolean {
    return (
      this.#last !== undefined || this.#verdict !== undefined || this.#stoppedBehind !== undefined
    );
  }

  /** The savepoint that the job has stopped behind. */
  get stoppedBehind(): CheckpointId | undefined {
    return this.#stoppedBehind;
  }

  /** Of its checkpoints: what outlives a job that ends like that. */
  outliving(outcome: JobOutcome["kind"]): ReadonlySet<string> {
    const { completed, restoredFrom } = this.#checkpoints.coordinator;
    const { retention } = this.#config.plan.graph.checkpoints;
    return outlivingPaths(outcome, retention, completed, restoredFrom);
  }

  /** Checkpoint ids that may have been used. */
  get idsTaken(): CheckpointId {
    return this.#checkpoints.coordinator.reservedThrough;
  }

  start({ records, completed, origin, settings }: Inheritance): void {
    const { claim = false, allowNonRestoredState = false } = settings.origin ?? {};
    this.#allowNonRestoredState = allowNonRestoredState;
    const from = origin && { checkpoint: origin, claim };
    this.#checkpoints.start(records.reservedThrough, completed, from);
    for (const region of this.#regions) region.start();
  }

  cancel(): void {
    this.#verdict ??= { kind: "cancelled" };
    for (const region of this.#regions) region.cancel();
  }

  request(request: CheckpointRequest): void {
    this.#checkpoints.request(request);
  }

  /** JR4: the same job on other subtasks; it goes back to its latest checkpoint. */
  rescale(plan: PhysicalPlan, parallelism: Parallelism, then: () => void): void {
    if (this.ending) {
      then();
      return;
    }
    this.#replan = { plan, parallelism, then };
    for (const region of this.#regions) region.cancel();
  }

  stop(): void {
    this.#checkpoints.stop();
    this.#regions.forEach((_, region) => this.#sources.close(region));
  }

  reconcile(entry: TaskManagerEntry): void {
    for (const region of this.#regions) region.reconcile(entry);
    this.deployWhenPossible();
  }

  lose(process: ProcessId, why: string): void {
    for (const region of this.#regions) region.lose(process, why);
  }

  deployWhenPossible(): void {
    for (const region of this.#regions) region.deployWhenPossible();
  }

  remind(): void {
    this.#checkpoints.remind();
  }

  onAcknowledge(message: MessageOf<"acknowledge">): void {
    this.#checkpoints.onAcknowledge(message);
  }

  onDecline(message: MessageOf<"decline">): void {
    this.#checkpoints.onDecline(message);
  }

  #regionEvents(): RegionRunEvents {
    return {
      tell: (process, message) => this.#events.tell(process, message),
      mayDeploy: () => !this.#checkpoints.unsettled,
      restore: (region, attempt) => this.#restore(region, attempt),
      askRestart: () => this.#askRestart(),
      onRunning: (region, attempt, tasks) => this.#onRunning(region, attempt, tasks),
      onFailing: (region, attempt, why) => {
        this.#checkpoints.regionEnded(region, attempt, why);
        this.#sources.close(region);
      },
      onRestarting: (region) => {
        const over = this.#verdict !== undefined || this.#replan !== undefined;
        if (over) this.#regions[region]?.cancel();
      },
      onTaskReport: (report) => this.#onTaskReport(report),
      onDone: (region, outcome) => this.#onDone(region, outcome),
    };
  }

  get #stoppedBehind(): CheckpointId | undefined {
    return stoppedBehind(this.#checkpoints.coordinator)?.id;
  }

  #layOut(plan: PhysicalPlan, parallelism: Parallelism, attemptsBefore: number): void {
    const { host, epoch, registry } = this.#config;
    const { restart, checkpoints } = plan.graph;
    const { sameFailuresMax } = restart;
    const checkpointed = checkpoints.intervalMs > 0;
    const { localRecovery } = checkpoints;
    const job = { host, epoch, registry, parallelism, attemptsBefore, localRecovery };
    this.#plan = plan;
    this.#regionOf.clear();
    this.#regions = regionsOf(plan).map((region) => {
      const config = { ...job, region, sameFailuresMax, checkpointed };
      const run = new RegionRun(config, this.#regionEvents());
      for (const { index } of region.vertices) this.#regionOf.set(index, run);
      return run;
    });
  }

  #restore(region: number, attempt: AttemptId): Result<Restored, string> {
    const point = restorePoint(this.#checkpoints.coordinator);
    const checkpoint = point.kind === "checkpoint" ? point.checkpoint : undefined;
    const allowNonRestoredState = this.#allowNonRestoredState;
    const restore = checkpoint && planRestore(checkpoint, this.#plan, { allowNonRestoredState });
    if (restore?.ok === false) return err(restoreErrorText(restore.error));
    const sources = this.#sources.deploy(region, attempt, checkpoint);
    const stopped = checkpoint !== undefined && checkpoint.id === this.#stoppedBehind;
    return sources.ok ? ok({ plan: restore?.value, stopped }) : sources;
  }

  /** A task that stands still for a savepoint that is none has not heard that it was given up (C45). */
  #onTaskReport(report: TaskReport): void {
    this.#sources.onTaskReport(report);
    const { suspendedBy, vertex, subtask } = report;
    if (suspendedBy === undefined || suspendedBy === this.#stoppedBehind) return;
    const { pending } = this.#checkpoints.coordinator;
    if (pending.some(({ id }) => id === suspendedBy)) return;
    const region = this.#regionOf.get(vertex);
    const process = region?.processOf(vertex, subtask);
    if (region === undefined || process === undefined) return;
    const fence = region.fence(region.attempt);
    this.#events.tell(process, { kind: "aborted", ...fence, checkpointId: suspendedBy });
  }

  #askRestart(): ReturnType<RegionRunEvents["askRestart"]> {
    const { host } = this.#config;
    const { restart } = this.#plan.graph;
    const nowMs = Math.floor(host.nowUs() / 1_000);
    const draw = restart.kind === "exponential-delay" ? host.random.integer(0, JITTER_DRAW_MAX) : 0;
    const { state, verdict } = decideRestart(restart, this.#restarts, nowMs, draw);
    return { verdict, granted: () => void (this.#restarts = state) };
  }

  #onRunning(region: number, attempt: AttemptId, tasks: readonly TaskId[]): void {
    const last = this.#last ?? this.#stoppedBehind;
    if (last === undefined) this.#checkpoints.regionRunning(region, attempt, tasks);
    else this.#regions[region]?.finish(last); // JR3
  }

  #finish(checkpointId: CheckpointId): void {
    this.#last = checkpointId;
    this.#checkpoints.stop();
    for (const region of this.#regions) region.finish(checkpointId);
  }

  #overrule(why: string): void {
    for (const region of this.#regions) region.overrule(why);
  }

  /** JR1. */
  #onDone(region: number, outcome: JobOutcome): void {
    this.#done.set(region, outcome);
    if (outcome.kind === "failed" && this.#verdict?.kind !== "failed") {
      this.#verdict = outcome;
      for (const other of this.#regions) other.cancel();
    }
    if (this.#done.size < this.#regions.length) return;
    if (this.#replan !== undefined && this.#verdict === undefined) {
      this.#replanWhenGone();
      return;
    }
    const finished = [...this.#done.values()].every(({ kind }) => kind === "finished");
    this.#events.onEnded(finished ? { kind: "finished" } : (this.#verdict ?? outcome));
  }

  /** JR4, and nothing of the old plan is being written. */
  #replanWhenGone(): void {
    const next = this.#replan;
    if (next === undefined || this.#done.size < this.#regions.length) return;
    if (this.#checkpoints.writing) return;
    this.#replan = undefined;
    const { host } = this.#config;
    const { plan, parallelism, then } = next;
    const attempts = this.attempts;
    this.#done.clear();
    this.#sources.replan(regionsOf(plan));
    this.#checkpoints.replan(plan);
    this.#layOut(plan, parallelism, attempts);
    const subtasks = plan.subtaskCount;
    host.note({ kind: "job-rescaled", subtasks });
    for (const region of this.#regions) region.start();
    then();
  }
}
