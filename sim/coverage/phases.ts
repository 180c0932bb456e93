/**
 * Where a run stands, as its notes tell: what each task is about, and how far the newest checkpoint has
 * come. Both in few words, so that a fault may be counted by what it struck.
 *
 * A task is known from its first note on; until then, and of a job manager, the phase is that of the job.
 * Tasks of another region than the one that begins anew are forgotten until they speak again.
 *
 * Not here: what is counted (`cells.ts`).
 */
import type { Note } from "../history.ts";

/** What a task is about. The first four and the last two may be said of a job as well. */
export const TASK_PHASES = [
  "absent",
  "deploying",
  "restoring",
  "running",
  "aligning",
  "storing",
  "committing",
  "failing",
  "ended",
] as const;
export type TaskPhase = (typeof TASK_PHASES)[number];

/**
 * How far the newest checkpoint has come: `storing` when some task has taken its snapshot, sources being the
 * first, `aligning` when one has to wait for barriers, `partly-stored` when some task has acknowledged it.
 */
export const CHECKPOINT_PHASES = [
  "none",
  "triggered",
  "storing",
  "aligning",
  "partly-stored",
  "completing",
  "completed",
  "aborted",
] as const;
export type CheckpointPhase = (typeof CHECKPOINT_PHASES)[number];

/** The phases of one that is pending, as they follow one another. */
const PENDING = ["triggered", "storing", "aligning", "partly-stored", "completing"] as const;
type Pending = (typeof PENDING)[number];
const isPending = (phase: CheckpointPhase): phase is Pending =>
  (PENDING as readonly CheckpointPhase[]).includes(phase);

type Task = { readonly process: string; phase: TaskPhase };

/** More subtasks than any operator of a story has. */
const SUBTASKS_MAX = 4_096;

export class Phases {
  readonly #tasks = new Map<number, Task>();
  /** Prepared, by transaction: who is to commit it. */
  readonly #prepared = new Map<string, { readonly process: string; readonly id: number }>();
  #job: TaskPhase = "absent";
  #checkpoint: CheckpointPhase = "none";
  #checkpointId = 0;

  get checkpoint(): CheckpointPhase {
    return this.#checkpoint;
  }

  /** Of every task, or of those of one process; that of the job where there is none. */
  visit(process: string | undefined, seen: (phase: TaskPhase) => void): void {
    let any = false;
    for (const task of this.#tasks.values()) {
      if (process !== undefined && task.process !== process) continue;
      any = true;
      seen(task.phase);
    }
    if (this.#commits(process)) seen("committing");
    else if (!any) seen(this.#job);
  }

  /** Every note of a run, in order. */
  follow(note: Note): void {
    this.#followJob(note);
    this.#followCheckpoint(note);
    this.#followTask(note);
  }

  #commits(process: string | undefined): boolean {
    if (this.#checkpoint !== "completed") return false;
    for (const prepared of this.#prepared.values()) {
      const isOwn = process === undefined || prepared.process === process;
      if (isOwn && prepared.id <= this.#checkpointId) return true;
    }
    return false;
  }

  #followJob(note: Note): void {
    switch (note.kind) {
      case "job-deploying":
        this.#begin(note.checkpointId > 0 ? "restoring" : "deploying");
        return;
      case "job-running":
        this.#job = "running";
        for (const task of this.#tasks.values()) {
          if (task.phase === "restoring") task.phase = "running";
        }
        return;
      case "job-failing":
        this.#job = "failing";
        return;
      case "job-finished":
      case "job-cancelled":
      case "job-failed":
        this.#begin("ended");
        return;
      case "process-crashed":
        for (const [id, task] of this.#tasks) {
          if (task.process === note.process) this.#tasks.delete(id);
        }
        return;
      default:
    }
  }

  #begin(phase: TaskPhase): void {
    this.#job = phase;
    this.#tasks.clear();
    this.#prepared.clear();
  }

  #followCheckpoint(note: Note): void {
    switch (note.kind) {
      case "leader-elected":
      case "job-deploying":
        this.#checkpoint = "none";
        return;
      case "checkpoint-triggered":
        this.#checkpointId = note.checkpointId;
        this.#checkpoint = "triggered";
        return;
      case "alignment-started":
        this.#advance(note.checkpointId, "aligning");
        return;
      case "snapshot-taken":
        this.#advance(note.checkpointId, "storing");
        return;
      case "checkpoint-acknowledged":
        this.#advance(note.checkpointId, "partly-stored");
        return;
      case "checkpoint-completing":
        this.#advance(note.checkpointId, "completing");
        return;
      case "checkpoint-completed":
      case "savepoint-completed":
        if (note.checkpointId === this.#checkpointId) this.#checkpoint = "completed";
        return;
      case "checkpoint-aborted":
        if (note.checkpointId === this.#checkpointId) this.#checkpoint = "aborted";
        return;
      default:
    }
  }

  /** Of the newest, and never back. */
  #advance(checkpointId: number, phase: Pending): void {
    if (checkpointId !== this.#checkpointId || !isPending(this.#checkpoint)) return;
    if (PENDING.indexOf(phase) > PENDING.indexOf(this.#checkpoint)) this.#checkpoint = phase;
  }

  #followTask(note: Note): void {
    switch (note.kind) {
      case "task-restored":
        this.#enter(note, "restoring");
        return;
      case "alignment-started":
        this.#enter(note, "aligning");
        return;
      case "alignment-abandoned":
      case "checkpoint-acknowledged":
        this.#enter(note, "running");
        return;
      case "snapshot-taken":
        this.#enter(note, "storing");
        return;
      case "task-failed":
        this.#enter(note, "failing");
        return;
      case "task-ended":
        this.#enter(note, "ended");
        return;
      case "transaction-pre-committed":
        this.#prepared.set(note.transaction, { process: note.process, id: note.checkpointId });
        return;
      case "transaction-committed":
        this.#prepared.delete(note.transaction);
        return;
      default:
    }
  }

  /** What has ended stays so, though it goes on to take part in checkpoints (C113). */
  #enter(
    { vertex, subtask, process }: Readonly<{ vertex: number; subtask: number; process: string }>,
    phase: TaskPhase,
  ): void {
    const id = vertex * SUBTASKS_MAX + subtask;
    const known = this.#tasks.get(id);
    if (known?.process !== process) this.#tasks.set(id, { process, phase });
    else if (known.phase !== "ended" || phase === "failing") known.phase = phase;
  }
}
