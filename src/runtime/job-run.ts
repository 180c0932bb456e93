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
 * JR3  Once all input is in a completed checkpoint, no other is taken, and a region that fails only has to
 *      commit what is in that one.
 *
 * Not here: one region (`region-run.ts`), who leads and who lives (`job-manager.ts`), how a job ends
 * (`job-end.ts`).
 */
import type { AttemptId, CheckpointId, LeaderEpoch, ProcessId } from "../core/ids.ts";
import { err, ok, type Result } from "../core/result.ts";
import { restorePoint } from "../checkpoint/coordinator.ts";
import { planRestore, restoreErrorText, type RestorePlan } from "../checkpoint/restorer.ts";
import type { TaskId } from "../checkpoint/task-id.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import { regionsOf } from "../graph/regions.ts";
import type { Host } from "../host/host.ts";
import { CheckpointDriver } from "./checkpoint-driver.ts";
import type { JobOutcome } from "./failover.ts";
import type { Inheritance } from "./leadership.ts";
import type { Message, MessageOf } from "./messages.ts";
import { RegionRun, type RegionRunEvents } from "./region-run.ts";
import { createRestartStrategy, decideRestart, JITTER_DRAW_MAX } from "./restart-strategy.ts";
import { SourceCoordinators } from "./source-coordinators.ts";
import type { TaskManagerEntry, TaskManagerRegistry } from "./task-manager-registry.ts";

export type JobRunConfig = Readonly<{
  host: Host;
  plan: PhysicalPlan;
  epoch: LeaderEpoch;
  registry: TaskManagerRegistry;
}>;

export type JobRunEvents = Readonly<{
  tell(process: ProcessId, message: Message): void;
  /** No metadata write of unknown outcome is left. */
  onSettled(): void;
  onEnded(outcome: JobOutcome): void;
}>;

export class JobRun {
  readonly #config: JobRunConfig;
  readonly #events: JobRunEvents;
  readonly #regions: readonly RegionRun[];
  readonly #regionOf = new Map<number, RegionRun>();
  readonly #sources: SourceCoordinators;
  readonly #checkpoints: CheckpointDriver;
  readonly #done = new Map<number, JobOutcome>();
  #restarts = createRestartStrategy();
  /** What the job will have come to; undefined while it goes on. */
  #verdict: JobOutcome | undefined;
  /** JR3: it has all input; undefined while none has. */
  #last: CheckpointId | undefined;

  constructor(config: JobRunConfig, events: JobRunEvents) {
    const { host, plan, epoch, registry } = config;
    this.#config = config;
    this.#events = events;
    const regions = regionsOf(plan);
    this.#sources = new SourceCoordinators(host, regions, {
      tell: (message) => {
        const process = this.#regionOf
          .get(message.vertex)
          ?.processOf(message.vertex, message.subtask);
        if (process !== undefined) events.tell(process, { ...message, epoch });
      },
      onFailed: (region, failure) => this.#regions[region]?.fail(failure),
    });
    this.#regions = regions.map((region) => {
      const common = { host, epoch, registry, parallelism: [], attemptsBefore: 0 };
      const { restart, checkpoints } = plan.graph;
      const { sameFailuresMax } = restart;
      const checkpointed = checkpoints.intervalMs > 0;
      const { localRecovery } = checkpoints;
      const run = new RegionRun(
        { ...common, region, sameFailuresMax, checkpointed, localRecovery },
        this.#regionEvents(),
      );
      for (const { index } of region.vertices) this.#regionOf.set(index, run);
      return run;
    });
    this.#checkpoints = new CheckpointDriver(host, plan, this.#sources, {
      tell: (region, attempt, message) => {
        const run = this.#regions[region];
        run?.tellAttempt(attempt, { ...run.fence(attempt), ...message });
      },
      onAllEnded: (checkpointId) => this.#finish(checkpointId),
      onAnswer: () => undefined,
      onStopped: () => undefined,
      onTooManyFailures: (why) => this.#overrule(why),
      onSettled: () => {
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

  start({ records, completed }: Inheritance): void {
    this.#checkpoints.start(records.reservedThrough, completed);
    for (const region of this.#regions) region.start();
  }

  cancel(): void {
    this.#verdict ??= { kind: "cancelled" };
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
        if (this.#verdict !== undefined) this.#regions[region]?.cancel();
      },
      onTaskReport: (report) => this.#sources.onTaskReport(report),
      onDone: (region, outcome) => this.#onDone(region, outcome),
    };
  }

  #restore(region: number, attempt: AttemptId): Result<RestorePlan | undefined, string> {
    const point = restorePoint(this.#checkpoints.coordinator);
    const checkpoint = point.kind === "checkpoint" ? point.checkpoint : undefined;
    const restore = checkpoint && planRestore(checkpoint, this.#config.plan);
    if (restore?.ok === false) return err(restoreErrorText(restore.error));
    const sources = this.#sources.deploy(region, attempt, checkpoint);
    return sources.ok ? ok(restore?.value) : sources;
  }

  #askRestart(): ReturnType<RegionRunEvents["askRestart"]> {
    const { host, plan } = this.#config;
    const { restart } = plan.graph;
    const nowMs = Math.floor(host.nowUs() / 1_000);
    const draw = restart.kind === "exponential-delay" ? host.random.integer(0, JITTER_DRAW_MAX) : 0;
    const { state, verdict } = decideRestart(restart, this.#restarts, nowMs, draw);
    return { verdict, granted: () => void (this.#restarts = state) };
  }

  #onRunning(region: number, attempt: AttemptId, tasks: readonly TaskId[]): void {
    if (this.#last === undefined) this.#checkpoints.regionRunning(region, attempt, tasks);
    else this.#regions[region]?.finish(this.#last); // JR3
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
    const finished = [...this.#done.values()].every(({ kind }) => kind === "finished");
    this.#events.onEnded(finished ? { kind: "finished" } : (this.#verdict ?? outcome));
  }
}
