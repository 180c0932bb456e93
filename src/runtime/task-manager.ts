/**
 * A process that runs subtasks for whoever leads the job, and says how they are.
 *
 *   job manager --deploy, run, trigger, completed, aborted, finish, cancel, heartbeat--> here
 *   job manager <--report (a level, not an edge), acknowledge, decline-- here
 *
 * Control messages get lost, doubled and overtaken, so every one carries its fence, and reports repeat
 * until the job manager has what it needs.
 *
 * TK2  A leader with a lower epoch than one seen is not obeyed (C122).
 * TK3  A task manager that hears of no leader for the heartbeat time-out stops its tasks: its successor
 *      must not find it at work.
 * TK4  It reports to the leader it has heard last, and to all who may lead while there is none or that one
 *      is silent: so whoever leads hears of it in the end.
 *
 * Not here: the tasks themselves, region by region (`region-tasks.ts`).
 */
import { unreachable } from "../core/assert.ts";
import { asAttemptId, asCheckpointId, type ProcessId } from "../core/ids.ts";
import { ordered } from "../core/ordered.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import type { Host, Process } from "../host/host.ts";
import { removeLocalState } from "./backend-storage.ts";
import { BufferPool } from "./buffer-pool.ts";
import { nextIncarnation } from "./incarnation.ts";
import { LocalCopies } from "./local-copies.ts";
import { decodeMessage, encodeMessage, type Message, type MessageOf } from "./messages.ts";
import type { RuntimeOptions } from "./options.ts";
import { RegionTasks } from "./region-tasks.ts";

const NOTICE_LATE_US = 40_000;

export type TaskManagerConfig = Readonly<{
  plan: PhysicalPlan;
  /** Of which one leads at a time. */
  jobManagers: readonly ProcessId[];
  options: RuntimeOptions;
}>;

export class TaskManager implements Process {
  readonly #host: Host;
  readonly #config: TaskManagerConfig;
  /** Undefined until the disk has it: an unnumbered life must not be heard of. */
  #incarnation: number | undefined;
  readonly #pool: BufferPool;
  /** Undefined for a job that does without (C69). */
  readonly #copies: LocalCopies | undefined;
  #epoch = 0;
  /** Whoever has shown the highest epoch. */
  #leader: ProcessId | undefined;
  #leaderHeardUs = 0;
  /** By number: those it has ever heard of. */
  readonly #regions = new Map<number, RegionTasks>();
  #reportDue = false;
  #reports = 0;

  constructor(host: Host, config: TaskManagerConfig) {
    this.#host = host;
    this.#config = config;
    this.#pool = new BufferPool(config.options.bufferBytes);
    const { localRecovery } = config.plan.graph.checkpoints;
    this.#copies = localRecovery
      ? new LocalCopies(host.disk, () =>
          host.note({ kind: "landmark", what: "damaged-copy-passed-over" }),
        )
      : undefined;
  }

  start(): void {
    removeLocalState(this.#host.disk);
    this.#leaderHeardUs = this.#host.nowUs();
    this.#heartbeat();
  }

  onMessage(from: ProcessId, bytes: Uint8Array): void {
    const message = decodeMessage(bytes);
    if (!("epoch" in message) || message.epoch < this.#epoch) return; // TK2
    this.#epoch = message.epoch;
    this.#leader = from;
    this.#leaderHeardUs = this.#host.nowUs();
    this.#obey(message);
  }

  #obey(message: Message): void {
    switch (message.kind) {
      case "heartbeat":
        return;
      case "deploy":
        this.#region(message.region).deploy(message);
        return;
      case "run":
        this.#region(message.region).run(message.attempt);
        return;
      case "cancel":
        this.#region(message.region).cancelThrough(asAttemptId(message.attempt));
        this.#reportSoon();
        return;
      case "trigger":
        this.#trigger(message);
        return;
      case "assign":
        this.#region(message.region).forTask(message, (task) => task.assign(message.items));
        return;
      case "align":
        this.#region(message.region).forTask(message, (task) => task.align(message.limitMs));
        return;
      case "completed":
      case "aborted":
        if (this.#host.buggify("late-notice")) this.#later(message);
        else this.#checkpointOver(message);
        return;
      case "line":
        this.#line(message);
        return;
      case "finish":
        this.#region(message.region).forTasks(message.attempt, (task) =>
          task.finish(asCheckpointId(message.checkpointId)),
        );
        return;
      case "report":
      case "acknowledge":
      case "decline":
      case "cancel-job":
      case "savepoint-job":
      case "stop-job":
      case "rescale-job":
      case "resume-job":
        return; // for job managers only
      case "answer":
        return; // for clients only
      default:
        unreachable(message);
    }
  }

  #region(region: number): RegionTasks {
    const known = this.#regions.get(region);
    if (known !== undefined) return known;
    const tasks = new RegionTasks({
      host: this.#host,
      copies: this.#copies,
      plan: this.#config.plan,
      options: this.#config.options,
      pool: this.#pool,
      region,
      onChanged: () => this.#reportSoon(),
      tell: (message) => this.#tell(message),
    });
    this.#regions.set(region, tasks);
    return tasks;
  }

  #trigger({ region, attempt, checkpointId, options, sources }: MessageOf<"trigger">): void {
    const { base, ...rest } = options;
    const barrier = { ...rest, base: asCheckpointId(base) };
    this.#region(region).forTasks(attempt, (task) => {
      const { vertex, subtask } = task.config;
      const own = sources.find((source) => source.vertex === vertex)?.due[subtask];
      const due = options.mode === "uncoordinated" ? (own ?? 0) : own;
      if (due !== undefined) task.trigger(asCheckpointId(checkpointId), barrier, due);
    });
  }

  #checkpointOver(message: MessageOf<"completed"> | MessageOf<"aborted">): void {
    const region = this.#region(message.region);
    const checkpointId = asCheckpointId(message.checkpointId);
    region.checkpointOver(checkpointId);
    if (message.kind === "completed") this.#copies?.completed(checkpointId);
    else this.#copies?.aborted(checkpointId);
    region.forTasks(message.attempt, (task) => {
      if (message.kind === "completed") task.checkpointCompleted(checkpointId);
      else task.checkpointAborted(checkpointId);
    });
  }

  /** As if it had been on its way for longer: another leader may be heard before it is. */
  #later(message: MessageOf<"completed"> | MessageOf<"aborted">): void {
    this.#host.setTimer(NOTICE_LATE_US, () => {
      if (message.epoch >= this.#epoch) this.#checkpointOver(message); // TK2
    });
  }

  /** Each of them hears of its own checkpoint, whatever the others have in that line. */
  #line({ region: index, attempt, tasks }: MessageOf<"line">): void {
    const region = this.#region(index);
    for (const place of tasks) {
      const checkpointId = asCheckpointId(place.checkpointId);
      region.checkpointOver(checkpointId, place);
      region.forTask({ ...place, attempt }, (task) => {
        task.received(place.received);
        task.checkpointCompleted(checkpointId);
      });
    }
  }

  #heartbeat(): void {
    const { heartbeatMs } = this.#config.options;
    const regions = ordered(this.#regions).map(([, region]) => region);
    const abandoned = this.#isLeaderSilent; // TK3
    for (const region of regions) if (abandoned) region.abandon();
    if (!this.#host.buggify("skip-heartbeat")) {
      this.#report();
      for (const region of regions) region.remind();
    }
    this.#host.setTimer(heartbeatMs * 1_000, () => this.#heartbeat());
  }

  /** In an event of its own, so that changes of one step share a report. */
  #reportSoon(): void {
    if (this.#reportDue) return;
    this.#reportDue = true;
    this.#host.setTimer(0, () => {
      if (this.#reportDue) this.#report();
    });
  }

  #report(): void {
    this.#reportDue = false;
    const incarnation = (this.#incarnation ??= this.#number());
    if (incarnation === undefined) return;
    this.#tell({
      kind: "report",
      incarnation,
      slots: this.#config.options.slots,
      sequence: ++this.#reports,
      regions: ordered(this.#regions).map(([, region]) => region.report),
    });
  }

  /** A disk that is full now may have room at the next heartbeat. */
  #number(): number | undefined {
    const next = nextIncarnation(this.#host.disk);
    return next.ok ? next.value : undefined;
  }

  get #isLeaderSilent(): boolean {
    const { heartbeatTimeoutMs } = this.#config.options;
    return this.#host.nowUs() - this.#leaderHeardUs > heartbeatTimeoutMs * 1_000;
  }

  /** TK4. */
  #tell(message: Message): void {
    const bytes = encodeMessage(message);
    const leader = this.#isLeaderSilent ? undefined : this.#leader;
    const addressees = leader === undefined ? this.#config.jobManagers : [leader];
    for (const jobManager of addressees) this.#host.send(jobManager, bytes);
  }
}
