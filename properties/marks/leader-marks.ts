/** Marks of leaders and of the owner: who leads, who takes over from whom, what is asked of the job. */
import type { History } from "../../sim/history.ts";
import type { Mark } from "../../sim/mark.ts";
import { during, has, placesOf, some } from "./course.ts";

/** A checkpoint was gone back to of which its own leader never heard that it was complete. */
function settledBySuccessor(history: History): boolean {
  if (history.count("leader-elected") < 2) return false;
  const announced = new Set<number>();
  const begun = new Set<number>();
  return history.notes.some((note) => {
    if (note.kind === "checkpoint-completing") begun.add(note.checkpointId);
    if (note.kind === "checkpoint-completed") announced.add(note.checkpointId);
    if (note.kind !== "job-restored") return false;
    return begun.has(note.checkpointId) && !announced.has(note.checkpointId);
  });
}

/** From how many subtasks to how many: what the last checkpoint before had, and what was asked for. */
function rescaled(history: History, isWanted: (before: number, after: number) => boolean): boolean {
  return some(history, "job-rescaled", ({ subtasks }, at) => {
    const before = subtasksBefore(history, at);
    return before > 0 && isWanted(before, subtasks);
  });
}

/** Of the attempt that ran: whoever noted anything of the newest checkpoint that is whole. */
function subtasksBefore(history: History, at: number): number {
  const completed = placesOf(history, "checkpoint-completed").filter((place) => place < at);
  const newest = history.notes[completed.at(-1) ?? -1];
  if (newest?.kind !== "checkpoint-completed") return 0;
  const { checkpointId } = newest;
  const tasks = new Set<string>();
  for (const place of placesOf(history, "checkpoint-acknowledged")) {
    const note = history.notes[place]!;
    if (note.kind !== "checkpoint-acknowledged" || note.checkpointId !== checkpointId) continue;
    tasks.add(`${note.vertex}/${note.subtask}`);
  }
  return tasks.size;
}

export const leaderMarks: readonly Mark[] = [
  {
    id: "leader-followed",
    what: "A job manager took over from another, or from its own former life.",
    seen: (history) => history.count("leader-elected") > 1,
  },
  {
    id: "leader-lost-while-completing",
    what: "A job manager took over while a checkpoint of the one before was completing.",
    seen: (history) =>
      during(
        history,
        "checkpoint-completing",
        (note) => note.kind === "checkpoint-completed" || note.kind === "checkpoint-aborted",
        (note) => note.kind === "leader-elected",
      ),
  },
  {
    id: "metadata-settled-by-successor",
    what: "A job manager went back to a checkpoint whose outcome the one before never knew.",
    seen: settledBySuccessor,
  },
  {
    id: "leader-lost-while-restarting",
    what: "A job manager took over while the job was starting over.",
    seen: (history) =>
      during(
        history,
        "job-failing",
        (note, { region }) => note.kind === "job-running" && note.region === region,
        (note) => note.kind === "leader-elected",
      ),
  },
  {
    id: "leader-deposed-alive",
    what: "A job manager that was alive heard that it leads no more.",
    seen: (history) => has(history, "job-suspended"),
  },
  {
    id: "leader-lost-behind-the-end",
    what: "A job manager took over a job that had ended.",
    seen: (history) => {
      const [ended] = [
        ...placesOf(history, "job-finished"),
        ...placesOf(history, "job-cancelled"),
        ...placesOf(history, "job-failed"),
      ];
      const last = placesOf(history, "leader-elected").at(-1);
      return ended !== undefined && last !== undefined && last > ended;
    },
  },
  {
    id: "rescaled-up",
    what: "A job went on with more subtasks than before.",
    seen: (history) => rescaled(history, (before, after) => after > before),
  },
  {
    id: "rescaled-down",
    what: "A job went on with fewer subtasks than before.",
    seen: (history) => rescaled(history, (before, after) => after < before),
  },
  {
    id: "failed-while-rescaling",
    what: "A job that was being rescaled failed before it ran.",
    seen: (history) =>
      during(
        history,
        "job-rescaled",
        (note) => note.kind === "job-running",
        (note) => note.kind === "task-manager-lost" || note.kind === "task-failed",
      ),
  },
  {
    id: "resumed-from-savepoint",
    what: "A job that had been stopped went on from its savepoint.",
    seen: (history) => has(history, "job-resumed"),
  },
  {
    id: "stopped-behind-savepoint",
    what: "A job was stopped behind a savepoint.",
    seen: (history) => has(history, "job-stopped"),
  },
  {
    id: "cancelled",
    what: "A job was cancelled.",
    seen: (history) => has(history, "job-cancelled"),
  },
  {
    id: "cancelled-while-checkpointing",
    what: "A job was cancelled while a checkpoint was pending.",
    seen: (history) =>
      some(history, "checkpoint-aborted", ({ why }) => why === "cancellation was requested"),
  },
  {
    id: "request-refused",
    what: "What the owner asked of a job was answered with no.",
    seen: (history) => some(history, "action-answered", ({ done }) => !done),
  },
  {
    id: "request-outlived-its-leader",
    what: "What the owner asked of one job manager was answered by its successor.",
    seen: (history) =>
      during(
        history,
        "action-requested",
        (note, { id }) => note.kind === "action-answered" && note.id === id,
        (note) => note.kind === "leader-elected",
      ),
  },
];
