/**
 * The process that decides: leads its job, hears its task managers, and sees the job to its end.
 *
 * What it must not forget lies in the object store; a successor reads it there.
 *
 *   takeLeadership -> job run: deploy -> running <-> failing, restarting
 *                        ^          \-> finished, cancelled, failed -> clean-up
 *                        \-----------------------resumed------------------/
 *
 * JM1  Nothing is sent or stored before leadership is won; everything sent carries its epoch (C122).
 * JM3  A job with a terminal record is not run again, unless its owner resumes it (C124).
 *
 * Not here: what runs, and what after a failure (`job-run.ts`, `region-run.ts`), how a job ends
 * (`job-end.ts`), reports (`task-manager-registry.ts`), what its owner may ask (`client-requests.ts`).
 */
import { present, unreachable } from "../core/assert.ts";
import {
  asCheckpointId,
  asLeaderEpoch,
  attemptOf,
  type AttemptId,
  type CheckpointId,
  type LeaderEpoch,
  type ProcessId,
} from "../core/ids.ts";
import { outlivingPaths } from "../checkpoint/outliving.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import { regionsOf } from "../graph/regions.ts";
import { rescaledPlan, type Parallelism } from "../graph/rescaled.ts";
import type { Host, Process } from "../host/host.ts";
import { ClientRequests, type JobState } from "./client-requests.ts";
import type { JobOutcome } from "./failover.ts";
import { JobEnd } from "./job-end.ts";
import { JobRun } from "./job-run.ts";
import { readInheritance, type Inheritance, type InheritanceDone } from "./inheritance.ts";
import { reservationPath, settingsPath } from "./job-paths.ts";
import { FIRST_SETTINGS, type JobSettings } from "./job-settings.ts";
import { takeLeadership } from "./leadership.ts";
import { decodeMessage, encodeMessage, type Message, type MessageOf } from "./messages.ts";
import type { RuntimeOptions } from "./options.ts";
import { isRid, ofRegion, TaskManagerRegistry } from "./task-manager-registry.ts";
import type { TaskManagerEntry } from "./task-manager-registry.ts";

export type JobManagerConfig = Readonly<{ plan: PhysicalPlan; options: RuntimeOptions }>;

export class JobManager implements Process {
  readonly #host: Host;
  readonly #plan: PhysicalPlan;
  readonly #options: RuntimeOptions;
  readonly #registry = new TaskManagerRegistry();
  readonly #regionCount: number;
  #epoch: LeaderEpoch = asLeaderEpoch(0);
  #settings: JobSettings = FIRST_SETTINGS;
  /** These are undefined until the job's records are read; so is `#run` of a job that had ended. */
  #run: JobRun | undefined;
  #jobEnd: JobEnd | undefined;
  #requests: ClientRequests | undefined;
  #idsInherited: CheckpointId = asCheckpointId(0);
  #cancelRequested = false;
  /** Its next run is being read from the store. */
  #resuming = false;
  /** The job has ended: up to this attempt nothing may run anywhere. */
  #retired: AttemptId | undefined;

  constructor(host: Host, config: JobManagerConfig) {
    this.#host = host;
    this.#plan = config.plan;
    this.#options = config.options;
    this.#regionCount = regionsOf(config.plan).length;
  }

  /** 0 before it is elected. */
  get epoch(): LeaderEpoch {
    return this.#epoch;
  }

  /** Some attempt has failed, and the next one is due. */
  get isRestarting(): boolean {
    return this.#run?.restarting === true;
  }

  start(): void {
    const { graph } = this.#plan;
    takeLeadership(this.#host, graph.name, graph.checkpoints.retained, {
      onElected: (epoch) => {
        this.#epoch = epoch;
        this.#host.note({ kind: "leader-elected", epoch });
        this.#heartbeat();
      },
      ...this.#inheriting(),
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
        this.#run?.onAcknowledge(message);
        return;
      case "decline":
        this.#run?.onDecline(message);
        return;
      case "cancel-job":
        this.#cancelRequested = true;
        this.#run?.cancel();
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
      case "line":
        return; // for task managers only
      case "savepoint-job":
      case "stop-job":
      case "rescale-job":
      case "resume-job":
        if (message.job === this.#plan.graph.name) this.#requests?.onRequest(from, message);
        return;
      case "answer":
        return; // for clients only
      default:
        unreachable(message);
    }
  }

  #inheriting(): InheritanceDone {
    return {
      onReady: (inheritance) => this.#lead(inheritance),
      onUnreadable: (why) => this.#host.note({ kind: "recovery-failed", why }),
    };
  }

  #lead(inheritance: Inheritance): void {
    const { records, settings } = inheritance;
    const attemptsBefore = this.#run?.attempts ?? 0;
    this.#settings = settings;
    this.#resuming = false;
    this.#idsInherited = records.reservedThrough;
    this.#run = undefined;
    this.#retired = undefined;
    this.#jobEnd = this.#createJobEnd(inheritance);
    this.#requests ??= this.#createRequests();
    if (records.terminal !== undefined) {
      this.#jobEnd.resume(records.terminal, this.#epoch, attemptOf(this.#epoch, 0)); // JM3
      return;
    }
    const plan = rescaledPlan(this.#plan, settings.parallelism);
    if (!plan.ok) {
      const why = `the job does not fit what was asked of it before: ${plan.error}`;
      const lastAttempt = attemptOf(this.#epoch, 0);
      this.#jobEnd.begin({ outcome: { kind: "failed", why }, epoch: this.#epoch, lastAttempt });
      return;
    }
    const { parallelism } = settings;
    if (parallelism.length > 0) {
      this.#host.note({ kind: "job-rescaled", subtasks: plan.value.subtaskCount });
    }
    this.#run = this.#createRun(plan.value, parallelism, attemptsBefore);
    this.#run.start(inheritance);
    if (this.#cancelRequested) this.#run.cancel();
  }

  #createJobEnd({ completed, origin, settings: { origin: asked } }: Inheritance): JobEnd {
    const host = this.#host;
    const job = this.#plan.graph.name;
    const settings = settingsPath(job, this.#settings.number);
    return new JobEnd({
      host,
      job,
      run: this.#settings.run,
      isKept: (path) => path === settings || path === reservationPath(job, this.#idsTaken),
      outliving: (outcome) => {
        if (this.#run !== undefined) return this.#run.outliving(outcome);
        const { retention } = this.#plan.graph.checkpoints;
        const notOwned = asked?.claim === true ? undefined : origin;
        return outlivingPaths(outcome, retention, completed, notOwned);
      },
      isUnsettled: () => this.#run?.writing ?? false,
      isIdle: (attempt) => this.#registry.isIdle(attempt, this.#regionCount, host.nowUs()),
      onRetired: (attempt) => this.#retire(attempt),
    });
  }

  #createRun(plan: PhysicalPlan, parallelism: Parallelism, attemptsBefore: number): JobRun {
    const config = { host: this.#host, registry: this.#registry, epoch: this.#epoch };
    return new JobRun(
      { ...config, plan, parallelism, attemptsBefore },
      {
        tell: (process, message) => this.#tell(process, message),
        onSettled: () => this.#jobEnd?.proceed(),
        onAnswer: (name, done, why) => this.#requests?.onAnswer(name, done, why),
        onEnded: (outcome) => this.#end(outcome),
      },
    );
  }

  #createRequests(): ClientRequests {
    return new ClientRequests({
      host: this.#host,
      plan: this.#plan,
      epoch: this.#epoch,
      state: () => this.#state,
      settings: () => this.#settings,
      idsTaken: () => this.#idsTaken,
      checkpoint: (request) => this.#run?.request(request),
      onRescale: (settings, plan, then) => {
        this.#settings = settings;
        this.#run?.rescale(plan, settings.parallelism, then);
      },
      onResuming: () => this.#jobEnd?.abandon(),
      onResume: (settings) => this.#resume(settings),
    });
  }

  get #state(): JobState {
    if (this.#resuming) return "starting";
    if (this.#jobEnd?.isOver === true) return "ended";
    return this.#run === undefined || this.#run.ending ? "ending" : "running";
  }

  get #idsTaken(): CheckpointId {
    return this.#run?.idsTaken ?? this.#idsInherited;
  }

  /** As a new leader would: from what lies in the store. */
  #resume(settings: JobSettings): void {
    const { graph } = this.#plan;
    const host = this.#host;
    this.#settings = settings;
    this.#resuming = true;
    this.#cancelRequested = false;
    host.note({ kind: "job-resumed", run: settings.run });
    readInheritance(host, graph.name, this.#epoch, graph.checkpoints.retained, this.#inheriting());
  }

  #onReport(from: ProcessId, report: MessageOf<"report">): void {
    const heard = this.#registry.hear(from, report, this.#host.nowUs());
    if (heard === "overtaken") return;
    if (heard === "restarted") this.#lose(from, "restarted");
    if (heard !== "known") this.#host.note({ kind: "task-manager-registered", process: from });
    this.#reconcile(present(this.#registry.get(from), () => `${from} was heard, yet is not known`));
  }

  #reconcile(entry: TaskManagerEntry): void {
    const retired = this.#retired;
    if (retired === undefined) {
      this.#run?.reconcile(entry);
      return;
    }
    if (isRid(entry.report, retired, this.#regionCount)) return;
    for (let region = 0; region < this.#regionCount; region++) {
      const { attempt, cancelledThrough } = ofRegion(entry.report, region);
      if (attempt === 0 && cancelledThrough >= retired) continue;
      this.#tell(entry.process, { kind: "cancel", epoch: this.#epoch, region, attempt: retired });
    }
  }

  #lose(process: ProcessId, why: string): void {
    this.#host.note({ kind: "task-manager-lost", process, why });
    this.#run?.lose(process, why);
  }

  #heartbeat(): void {
    const { heartbeatMs, heartbeatTimeoutMs } = this.#options;
    const silent = this.#registry.takeSilent(this.#host.nowUs(), heartbeatTimeoutMs * 1_000);
    for (const process of silent) this.#lose(process, "silent for too long");
    for (const { process } of this.#registry.all()) {
      if (this.#host.buggify("skip-heartbeat")) continue;
      this.#tell(process, { kind: "heartbeat", epoch: this.#epoch });
    }
    this.#run?.remind();
    this.#host.setTimer(heartbeatMs * 1_000, () => this.#heartbeat());
  }

  #tell(process: ProcessId, message: Message): void {
    this.#host.send(process, encodeMessage(message));
  }

  #end(outcome: JobOutcome): void {
    const run = present(this.#run, () => "a job ended that does not run");
    const { stoppedBehind } = run;
    if (outcome.kind === "finished" && stoppedBehind !== undefined) {
      this.#host.note({ kind: "job-stopped", checkpointId: stoppedBehind });
    }
    run.stop();
    this.#jobEnd?.begin({ outcome, epoch: this.#epoch, lastAttempt: run.lastAttempt });
  }

  #retire(attempt: AttemptId): void {
    this.#retired = attempt;
    for (const entry of this.#registry.all()) this.#reconcile(entry);
  }
}
