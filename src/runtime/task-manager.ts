/**
 * A process that runs subtasks: what a job manager deploys here, restored, connected, driven, fenced.
 *
 *   job manager --deploy, run, trigger, completed, aborted, finish, cancel, heartbeat--> here
 *   job manager <--report (a level, not an edge), acknowledge, decline-- here
 *
 * Control messages get lost, doubled and overtaken, so every one carries its fence, and reports repeat
 * until the job manager has what it needs.
 *
 * TK1  At most one attempt has tasks here, and attempts never go back (C119).
 * TK2  A leader with a lower epoch than one seen is not obeyed (C122).
 * TK3  A task manager that hears of no leader for the heartbeat time-out stops its tasks: its successor
 *      must not find it at work.
 */
import { unreachable } from "../core/assert.ts";
import {
  asAttemptId,
  asCheckpointId,
  asProcessId,
  type AttemptId,
  type CheckpointId,
  type ProcessId,
} from "../core/ids.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import type { Host, Process } from "../host/host.ts";
import {
  decodeMessage,
  encodeMessage,
  type Message,
  type MessageOf,
  type TaskReport,
} from "./messages.ts";
import { BufferPool } from "./buffer-pool.ts";
import { nextIncarnation } from "./incarnation.ts";
import type { RuntimeOptions } from "./options.ts";
import type { Subtask, TaskLocations } from "./subtask.ts";
import { createSubtask } from "./task-factory.ts";
import { restoreTask } from "./task-restore.ts";

export type TaskManagerConfig = Readonly<{
  plan: PhysicalPlan;
  jobManager: ProcessId;
  options: RuntimeOptions;
}>;

export class TaskManager implements Process {
  readonly #host: Host;
  readonly #config: TaskManagerConfig;
  /** Undefined until the disk has it: an unnumbered life must not be heard of. */
  #incarnation: number | undefined;
  readonly #pool: BufferPool;
  #epoch = 0;
  #leaderHeardUs = 0;
  #attempt: AttemptId = asAttemptId(0);
  /** Attempts up to here are over for good. */
  #cancelledThrough: AttemptId = asAttemptId(0);
  #tasks: readonly Subtask[] = [];
  #locations: TaskLocations | undefined;
  #reportDue = false;
  #reports = 0;
  /** Acknowledgements that may have been lost: repeated until their checkpoint is over. */
  #unanswered: MessageOf<"acknowledge">[] = [];

  constructor(host: Host, config: TaskManagerConfig) {
    this.#host = host;
    this.#config = config;
    this.#pool = new BufferPool(config.options.bufferBytes);
  }

  start(): void {
    this.#leaderHeardUs = this.#host.nowUs();
    this.#heartbeat();
  }

  onMessage(_from: ProcessId, bytes: Uint8Array): void {
    const message = decodeMessage(bytes);
    if (!("epoch" in message) || message.epoch < this.#epoch) return; // TK2
    this.#epoch = message.epoch;
    this.#leaderHeardUs = this.#host.nowUs();
    this.#obey(message);
  }

  #obey(message: Message): void {
    switch (message.kind) {
      case "heartbeat":
        return;
      case "deploy":
        this.#deploy(message);
        return;
      case "run":
        if (message.attempt === this.#attempt) this.#run();
        return;
      case "cancel":
        this.#cancelThrough(asAttemptId(message.attempt));
        this.#reportSoon();
        return;
      case "trigger":
        this.#trigger(message);
        return;
      case "assign":
        this.#forTasks(message.attempt, (task) => {
          const { vertex, subtask } = task.config;
          if (vertex === message.vertex && subtask === message.subtask) task.assign(message.items);
        });
        return;
      case "align":
        this.#forTasks(message.attempt, (task) => {
          const { vertex, subtask } = task.config;
          if (vertex === message.vertex && subtask === message.subtask) task.align(message.limitMs);
        });
        return;
      case "completed":
        this.#checkpointOver(message.checkpointId);
        this.#forTasks(message.attempt, (task) =>
          task.checkpointCompleted(asCheckpointId(message.checkpointId)),
        );
        return;
      case "aborted":
        this.#checkpointOver(message.checkpointId);
        this.#forTasks(message.attempt, (task) =>
          task.checkpointAborted(asCheckpointId(message.checkpointId)),
        );
        return;
      case "finish":
        this.#forTasks(message.attempt, (task) =>
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

  #trigger({ attempt, checkpointId, options, sources }: MessageOf<"trigger">): void {
    const { base, ...rest } = options;
    const barrier = { ...rest, base: asCheckpointId(base) };
    this.#forTasks(attempt, (task) => {
      const { vertex, subtask } = task.config;
      const due = sources.find((source) => source.vertex === vertex)?.due[subtask];
      if (due !== undefined) task.trigger(asCheckpointId(checkpointId), barrier, due);
    });
  }

  #checkpointOver(checkpointId: number): void {
    this.#unanswered = this.#unanswered.filter((ack) => ack.checkpointId > checkpointId);
  }

  #forTasks(attempt: number, act: (task: Subtask) => void): void {
    if (attempt !== this.#attempt) return;
    for (const task of this.#tasks) act(task);
  }

  #deploy(message: MessageOf<"deploy">): void {
    const attempt = asAttemptId(message.attempt);
    if (attempt <= this.#cancelledThrough || attempt <= this.#attempt) {
      this.#reportSoon();
      return;
    }
    this.#cancelThrough(asAttemptId(attempt - 1));
    this.#attempt = attempt;
    const processes = new Map<string, ProcessId>();
    for (const { vertex, subtask, process } of message.locations) {
      processes.set(`${vertex}/${subtask}`, asProcessId(process));
    }
    this.#locations = { processOf: (vertex, subtask) => processes.get(`${vertex}/${subtask}`) };
    const checkpointId = asCheckpointId(message.checkpointId);
    const created = message.tasks.map((task) => ({
      task,
      subtask: this.#create(attempt, checkpointId, task),
    }));
    this.#tasks = created.map(({ subtask }) => subtask);
    const fetching = { host: this.#host };
    for (const { task, subtask } of created) {
      restoreTask(subtask, { fetching, plan: this.#config.plan, checkpointId, task });
    }
    this.#reportSoon();
  }

  #create(
    attempt: AttemptId,
    restoredFrom: CheckpointId,
    task: MessageOf<"deploy">["tasks"][number],
  ): Subtask {
    const identity = { attempt, vertex: task.vertex, subtask: task.subtask };
    return createSubtask(
      {
        host: this.#host,
        plan: this.#config.plan,
        options: this.#config.options,
        pool: this.#pool,
        restoredFrom,
        ...identity,
      },
      {
        onStateChanged: () => this.#reportSoon(),
        onAcknowledge: (checkpointId, stored, ended) => {
          const { vertex, subtask } = task;
          this.#host.note({ kind: "checkpoint-acknowledged", checkpointId, vertex, subtask });
          const message = {
            kind: "acknowledge" as const,
            ...identity,
            checkpointId,
            stored: { ...stored, files: [...stored.files] },
            ended,
          };
          this.#unanswered.push(message);
          this.#tell(message);
        },
        onDecline: (checkpointId, why) =>
          this.#tell({ kind: "decline", ...identity, checkpointId, why }),
      },
    );
  }

  #run(): void {
    const locations = this.#locations;
    if (locations === undefined) return;
    for (const task of this.#tasks) {
      if (task.state !== "initialized") continue;
      task.connect(locations);
      task.run();
    }
  }

  #cancelThrough(attempt: AttemptId): void {
    if (attempt > this.#cancelledThrough) this.#cancelledThrough = attempt;
    if (this.#attempt === 0 || this.#attempt > attempt) return;
    for (const task of this.#tasks) task.close();
    this.#tasks = [];
    this.#unanswered = [];
    this.#attempt = asAttemptId(0);
  }

  #heartbeat(): void {
    const { heartbeatMs, heartbeatTimeoutMs } = this.#config.options;
    const silentUs = this.#host.nowUs() - this.#leaderHeardUs;
    if (silentUs > heartbeatTimeoutMs * 1_000) this.#cancelThrough(this.#attempt); // TK3
    this.#report();
    for (const message of this.#unanswered) this.#tell(message);
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
    const tasks: TaskReport[] = this.#tasks.map((task) => ({
      vertex: task.config.vertex,
      subtask: task.config.subtask,
      state: task.state,
      why: task.why,
      culprit: task.culprit ?? "",
      assigned: task.assigned,
      levelMs: task.levelMs,
    }));
    this.#tell({
      kind: "report",
      incarnation,
      slots: this.#config.options.slots,
      sequence: ++this.#reports,
      attempt: this.#attempt,
      cancelledThrough: this.#cancelledThrough,
      tasks,
    });
  }

  /** A disk that is full now may have room at the next heartbeat. */
  #number(): number | undefined {
    const next = nextIncarnation(this.#host.disk);
    return next.ok ? next.value : undefined;
  }

  #tell(message: Message): void {
    this.#host.send(this.#config.jobManager, encodeMessage(message));
  }
}
