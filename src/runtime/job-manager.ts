/**
 * The process that decides: leads its job, hears its task managers, and sees the job to its end.
 *
 * What it must not forget lies in the object store; a successor reads it there.
 *
 *   takeLeadership -> job run: deploy -> running <-> failing, restarting
 *                                   \-> finished, cancelled, failed -> clean-up
 *
 * JM1  Nothing is sent or stored before leadership is won; everything sent carries its epoch (C122).
 * JM3  A job with a terminal record is not run again (C124).
 *
 * Not here: what runs, and what after a failure (`job-run.ts`, `region-run.ts`), how a job ends
 * (`job-end.ts`), reports (`task-manager-registry.ts`).
 */
import { present, unreachable } from "../core/assert.ts";
import {
  asLeaderEpoch,
  attemptOf,
  type AttemptId,
  type LeaderEpoch,
  type ProcessId,
} from "../core/ids.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import { regionsOf } from "../graph/regions.ts";
import type { Host, Process } from "../host/host.ts";
import type { JobOutcome } from "./failover.ts";
import { JobEnd } from "./job-end.ts";
import { JobRun } from "./job-run.ts";
import { takeLeadership, type Inheritance } from "./leadership.ts";
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
  readonly #jobEnd: JobEnd;
  readonly #regionCount: number;
  #epoch: LeaderEpoch = asLeaderEpoch(0);
  /** Undefined until its records are read, and when the job had ended before that. */
  #run: JobRun | undefined;
  #cancelRequested = false;
  /** The job has ended: up to this attempt nothing may run anywhere. */
  #retired: AttemptId | undefined;

  constructor(host: Host, config: JobManagerConfig) {
    this.#host = host;
    this.#plan = config.plan;
    this.#options = config.options;
    this.#regionCount = regionsOf(config.plan).length;
    this.#jobEnd = new JobEnd({
      host,
      job: config.plan.graph.name,
      isUnsettled: () => this.#run?.writing ?? false,
      isIdle: (attempt) => this.#registry.isIdle(attempt, this.#regionCount, host.nowUs()),
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

  #lead(inheritance: Inheritance): void {
    const { terminal } = inheritance.records;
    if (terminal !== undefined) {
      this.#jobEnd.resume(terminal, this.#epoch, attemptOf(this.#epoch, 0)); // JM3
      return;
    }
    const config = { host: this.#host, plan: this.#plan, registry: this.#registry };
    this.#run = new JobRun(
      { ...config, epoch: this.#epoch },
      {
        tell: (process, message) => this.#tell(process, message),
        onSettled: () => this.#jobEnd.proceed(),
        onEnded: (outcome) => this.#end(outcome),
      },
    );
    this.#run.start(inheritance);
    if (this.#cancelRequested) this.#run.cancel();
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
    run.stop();
    this.#jobEnd.begin({ outcome, epoch: this.#epoch, lastAttempt: run.lastAttempt });
  }

  #retire(attempt: AttemptId): void {
    this.#retired = attempt;
    for (const entry of this.#registry.all()) this.#reconcile(entry);
  }
}
