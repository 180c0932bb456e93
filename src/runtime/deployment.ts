/**
 * One attempt of the job as the job manager has placed it: which tasks where, from which checkpoint,
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
import type { MessageOf, TaskLocation } from "./messages.ts";
import type { TaskManagerRegistry } from "./task-manager-registry.ts";

export class Deployment {
  readonly attempt: AttemptId;
  readonly processes: ReadonlySet<ProcessId>;
  /** Every task has been initialised; who has not begun has missed the message. */
  mayRun = false;
  readonly #locations: readonly TaskLocation[];
  readonly #restore: RestorePlan | undefined;
  /** Those that have had its tasks: if they report none, the tasks are gone. */
  readonly #accepted = new Set<ProcessId>();
  readonly #gone = new Set<ProcessId>();

  /** @param restore undefined for a job that starts afresh */
  constructor(
    attempt: AttemptId,
    locations: readonly TaskLocation[],
    restore: RestorePlan | undefined,
  ) {
    this.attempt = attempt;
    this.#locations = locations;
    this.#restore = restore;
    this.processes = new Set(locations.map(({ process }) => asProcessId(process)));
  }

  get checkpointId(): CheckpointId {
    return this.#restore?.checkpointId ?? asCheckpointId(0);
  }

  tasksAt(process: ProcessId): readonly TaskId[] {
    return this.#locations
      .filter((location) => location.process === process)
      .map(({ vertex, subtask }) => ({
        vertex: asVertexIndex(vertex),
        subtask: asSubtaskIndex(subtask),
      }));
  }

  processOf(vertex: number, subtask: number): ProcessId | undefined {
    const at = this.#locations.find((task) => task.vertex === vertex && task.subtask === subtask);
    return at === undefined ? undefined : asProcessId(at.process);
  }

  messageTo(process: ProcessId, epoch: LeaderEpoch): MessageOf<"deploy"> {
    const tasks = this.tasksAt(process).map(({ vertex, subtask }) => {
      const restored = this.#restore?.vertices[vertex]?.subtasks[subtask];
      const handles = [...(restored?.handles ?? [])];
      const inFlight = [...(restored?.inFlight ?? [])];
      return { vertex, subtask, handles, inFlight, ended: restored?.ended ?? false };
    });
    const { attempt, checkpointId } = this;
    const locations = [...this.#locations];
    return { kind: "deploy", epoch, attempt, checkpointId, tasks, locations };
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
      const rid = entry === undefined || entry.report.cancelledThrough >= this.attempt;
      if (rid) this.#gone.add(process);
    }
    return this.#gone.size === this.processes.size;
  }
}
