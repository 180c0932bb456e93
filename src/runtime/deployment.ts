/**
 * One attempt of a region as the job manager has placed it: which tasks where, from which checkpoint,
 * and who is known to be rid of them.
 *
 * DE1  A new attempt may start only when every process of the old one is dead or has said for good that
 *      it will not run it again (C119).
 */
import {
  asCheckpointId,
  asProcessId,
  asSubtaskIndex,
  asVertexIndex,
  type AttemptId,
  type CheckpointId,
  type LeaderEpoch,
  type ProcessId,
} from "../core/ids.ts";
import type { RestorePlan } from "../checkpoint/restorer.ts";
import type { TaskId } from "../checkpoint/task-id.ts";
import type { Parallelism } from "../graph/rescaled.ts";
import type { MessageOf, TaskLocation } from "./messages.ts";
import { ofRegion, type TaskManagerRegistry } from "./task-manager-registry.ts";

export type DeploymentConfig = Readonly<{
  region: number;
  attempt: AttemptId;
  locations: readonly TaskLocation[];
  /** Of operators that have been rescaled. */
  parallelism: Parallelism;
  /** Undefined for a job that starts afresh. */
  restore: RestorePlan | undefined;
  /** It is that of a savepoint which the job has stopped behind. */
  stopped: boolean;
}>;

export class Deployment {
  readonly attempt: AttemptId;
  readonly #config: DeploymentConfig;
  readonly processes: ReadonlySet<ProcessId>;
  /** Every task has been initialised; who has not begun has missed the message. */
  mayRun = false;
  /** Those that have had its tasks: if they report none, the tasks are gone. */
  readonly #accepted = new Set<ProcessId>();
  readonly #gone = new Set<ProcessId>();

  constructor(config: DeploymentConfig) {
    this.attempt = config.attempt;
    this.#config = config;
    this.processes = new Set(config.locations.map(({ process }) => asProcessId(process)));
  }

  get checkpointId(): CheckpointId {
    return this.#config.restore?.checkpointId ?? asCheckpointId(0);
  }

  get locations(): readonly TaskLocation[] {
    return this.#config.locations;
  }

  tasksAt(process: ProcessId): readonly TaskId[] {
    return this.#config.locations
      .filter((location) => location.process === process)
      .map(({ vertex, subtask }) => ({
        vertex: asVertexIndex(vertex),
        subtask: asSubtaskIndex(subtask),
      }));
  }

  processOf(vertex: number, subtask: number): ProcessId | undefined {
    const { locations } = this.#config;
    const at = locations.find((task) => task.vertex === vertex && task.subtask === subtask);
    return at === undefined ? undefined : asProcessId(at.process);
  }

  messageTo(process: ProcessId, epoch: LeaderEpoch): MessageOf<"deploy"> {
    const { region, restore } = this.#config;
    const tasks = this.tasksAt(process).map(({ vertex, subtask }) => {
      const restored = restore?.vertices[vertex]?.subtasks[subtask];
      const handles = [...(restored?.handles ?? [])];
      const inFlight = [...(restored?.inFlight ?? [])];
      return { vertex, subtask, handles, inFlight, ended: restored?.ended ?? false };
    });
    const { attempt, checkpointId } = this;
    const locations = [...this.#config.locations];
    const parallelism = [...this.#config.parallelism];
    const fence = { epoch, region, attempt };
    const { stopped } = this.#config;
    return { kind: "deploy", ...fence, checkpointId, stopped, parallelism, tasks, locations };
  }

  accept(process: ProcessId): void {
    this.#accepted.add(process);
  }

  hasAccepted(process: ProcessId): boolean {
    return this.#accepted.has(process);
  }

  /** The process has died, and all its tasks with it; one that had none takes nothing along. */
  lose(process: ProcessId): void {
    if (this.processes.has(process)) this.#gone.add(process);
  }

  isGoneAt(process: ProcessId): boolean {
    return this.#gone.has(process);
  }

  /** DE1, as far as the reports say. */
  isGone(registry: TaskManagerRegistry): boolean {
    for (const process of this.processes) {
      const entry = registry.get(process);
      const told = entry && ofRegion(entry.report, this.#config.region);
      const rid = told === undefined || told.cancelledThrough >= this.attempt;
      if (rid) this.#gone.add(process);
    }
    return this.#gone.size === this.processes.size;
  }
}
