/**
 * The tasks of one region at one task manager: one attempt of them at a time, and its fence.
 *
 *   deploy --newer attempt--> created, restored --run--> connected, running --cancel--> none
 *
 * TK1  At most one attempt of a region has tasks here, and attempts never go back (C119).
 *
 * Not here: who may give orders (`task-manager.ts`), what a task does (`subtask.ts`).
 */
import { assert } from "../core/assert.ts";
import {
  asAttemptId,
  asCheckpointId,
  asProcessId,
  type AttemptId,
  type CheckpointId,
  type ProcessId,
} from "../core/ids.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import { rescaledPlan } from "../graph/rescaled.ts";
import type { Host } from "../host/host.ts";
import type { BufferPool } from "./buffer-pool.ts";
import { copyingHost, type LocalCopies } from "./local-copies.ts";
import type { Message, MessageOf, RegionReport } from "./messages.ts";
import type { RuntimeOptions } from "./options.ts";
import type { Fetching } from "./snapshot-fetch.ts";
import type { Subtask, TaskLocations } from "./subtask.ts";
import { createSubtask } from "./task-factory.ts";
import { restoreTask } from "./task-restore.ts";

type DeployedTask = MessageOf<"deploy">["tasks"][number];

export type RegionTasksConfig = Readonly<{
  host: Host;
  /** Of what tasks here store, to start again from (C69); undefined: none are made. */
  copies: LocalCopies | undefined;
  /** As the job was written; a deployment may say that it has been rescaled. */
  plan: PhysicalPlan;
  options: RuntimeOptions;
  pool: BufferPool;
  region: number;
  onChanged(): void;
  /** To whoever leads. */
  tell(message: Message): void;
}>;

export class RegionTasks {
  readonly #config: RegionTasksConfig;
  #attempt: AttemptId = asAttemptId(0);
  /** Attempts up to here are over for good. */
  #cancelledThrough: AttemptId = asAttemptId(0);
  #tasks: readonly Subtask[] = [];
  #locations: TaskLocations | undefined;
  #stoppedBehind: CheckpointId | undefined;
  /** What was said of checkpoints, and may have been lost: repeated until these are over. */
  #unanswered: (MessageOf<"acknowledge"> | MessageOf<"decline">)[] = [];

  constructor(config: RegionTasksConfig) {
    this.#config = config;
  }

  get report(): RegionReport {
    const tasks = this.#tasks.map((task) => ({
      vertex: task.config.vertex,
      subtask: task.config.subtask,
      state: task.state,
      why: task.why,
      culprit: task.culprit ?? "",
      assigned: task.assigned,
      levelMs: task.levelMs,
      suspendedBy: task.suspendedBy,
    }));
    const [attempt, cancelledThrough] = [this.#attempt, this.#cancelledThrough];
    return { region: this.#config.region, attempt, cancelledThrough, tasks };
  }

  deploy(message: MessageOf<"deploy">): void {
    const { host, copies, plan: written } = this.#config;
    const attempt = asAttemptId(message.attempt);
    if (attempt <= this.#cancelledThrough || attempt <= this.#attempt) {
      this.#config.onChanged();
      return;
    }
    this.cancelThrough(asAttemptId(attempt - 1));
    this.#attempt = attempt;
    const rescaled = rescaledPlan(written, message.parallelism);
    assert(rescaled.ok, () => `PX2 attempt ${attempt}: ${rescaled.ok ? "" : rescaled.error}`);
    const plan = rescaled.value;
    const processes = new Map<string, ProcessId>();
    for (const { vertex, subtask, process } of message.locations) {
      processes.set(`${vertex}/${subtask}`, asProcessId(process));
    }
    this.#locations = { processOf: (vertex, subtask) => processes.get(`${vertex}/${subtask}`) };
    const checkpointId = asCheckpointId(message.checkpointId);
    this.#stoppedBehind = message.stopped ? checkpointId : undefined;
    const created = message.tasks.map((task) => {
      return { task, subtask: this.#create(plan, attempt, checkpointId, task) };
    });
    this.#tasks = created.map(({ subtask }) => subtask);
    const fetching: Fetching =
      copies === undefined
        ? { host }
        : {
            host,
            localCopy: (file) => (host.buggify("no-local-copy") ? undefined : copies.find(file)),
          };
    for (const { task, subtask } of created) {
      restoreTask(subtask, { fetching, plan, checkpointId, task });
    }
    this.#config.onChanged();
  }

  run(attempt: number): void {
    const locations = this.#locations;
    if (attempt !== this.#attempt || locations === undefined) return;
    for (const task of this.#tasks) {
      if (task.state !== "initialized") continue;
      task.connect(locations);
      task.run(this.#stoppedBehind);
    }
  }

  cancelThrough(attempt: AttemptId): void {
    if (attempt > this.#cancelledThrough) this.#cancelledThrough = attempt;
    if (this.#attempt === 0 || this.#attempt > attempt) return;
    for (const task of this.#tasks) task.close();
    this.#tasks = [];
    this.#unanswered = [];
    this.#attempt = asAttemptId(0);
  }

  /** Nobody leads: what runs here stops, and never runs again. */
  abandon(): void {
    this.cancelThrough(this.#attempt);
  }

  forTasks(attempt: number, act: (task: Subtask) => void): void {
    if (attempt !== this.#attempt) return;
    for (const task of this.#tasks) act(task);
  }

  forTask(
    { attempt, vertex, subtask }: Readonly<{ attempt: number; vertex: number; subtask: number }>,
    act: (task: Subtask) => void,
  ): void {
    this.forTasks(attempt, (task) => {
      if (task.config.vertex === vertex && task.config.subtask === subtask) act(task);
    });
  }

  /** @param of the only one for which it is; absent: for all */
  checkpointOver(checkpointId: number, of?: Readonly<{ vertex: number; subtask: number }>): void {
    this.#unanswered = this.#unanswered.filter((said) => {
      const meant = of === undefined || (of.vertex === said.vertex && of.subtask === said.subtask);
      return !meant || said.checkpointId > checkpointId;
    });
  }

  remind(): void {
    for (const message of this.#unanswered) this.#config.tell(message);
  }

  #create(
    plan: PhysicalPlan,
    attempt: AttemptId,
    restoredFrom: CheckpointId,
    task: DeployedTask,
  ): Subtask {
    const { copies, options, pool, onChanged, tell } = this.#config;
    const host = copies === undefined ? this.#config.host : copyingHost(this.#config.host, copies);
    const { vertex, subtask } = task;
    const identity = { attempt, vertex, subtask };
    return createSubtask(
      { host, plan, options, pool, restoredFrom, ...identity },
      {
        onStateChanged: onChanged,
        onAcknowledge: (checkpointId, stored, ended, flows) => {
          host.note({ kind: "checkpoint-acknowledged", checkpointId, vertex, subtask });
          copies?.acknowledged(checkpointId, stored);
          const message = {
            kind: "acknowledge" as const,
            ...identity,
            checkpointId,
            stored: { ...stored, files: [...stored.files] },
            ended,
            flows: flows && { sent: [...flows.sent], received: [...flows.received] },
          };
          this.#unanswered.push(message);
          tell(message);
          if (host.buggify("acknowledge-twice")) tell(message);
        },
        onDecline: (checkpointId, why, overtaken) => {
          const message = { kind: "decline" as const, ...identity, checkpointId, why, overtaken };
          this.#unanswered.push(message);
          tell(message);
        },
      },
    );
  }
}
