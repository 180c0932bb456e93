/**
 * The life of checkpoints, as the job managers and the subtasks tell it and the store bears out.
 *
 * CK1  Checkpoint ids are never used twice, and rise: within one leadership, and above all that was
 *      triggered before its election. A deposed leader that has not heard of it yet may still
 *      trigger an id that it had reserved; it is new all the same.
 * CK2  A completed checkpoint has its metadata in the store, and was acknowledged by every subtask
 *      that had not ended in this attempt; where subtasks take theirs by themselves, one of that id or
 *      a lower one was.
 * CK3  An aborted checkpoint never completes; the completed ids of one process rise.
 * CK5  The ids of one subtask's snapshots rise in each process, so none is taken twice.
 *
 * Source: CK1: C23; CK2: C24, C29, C113; CK3: C30, C31; CK5: C6, C11.
 * Not here: restore.ts (which checkpoint a restart takes).
 */
import type { History, Note } from "../sim/history.ts";
import { followDurable, placeOf, type NoteOf } from "./notes.ts";
import { holds, vacuous, violated, type Property } from "./property.ts";
import { checkpointOfMetadata } from "./store-paths.ts";

export const checkpointIdsRise: Property = {
  id: "CK1",
  rule: "Checkpoint ids rise over the whole life of the job, and none is used twice.",
  check(history) {
    const used = new Set<number>();
    /** Per process: ids of its next triggers lie above this one. */
    const floor = new Map<string, number>();
    let highest = 0;
    for (const note of history.notes) {
      if (note.kind === "leader-elected") floor.set(note.process, highest);
      if (note.kind !== "checkpoint-triggered") continue;
      const { checkpointId, process } = note;
      const where = `triggered by ${process} ${placeOf(note)}`;
      if (used.has(checkpointId)) {
        return violated(`checkpoint ${checkpointId}, ${where}, had been triggered before`);
      }
      const above = floor.get(process) ?? 0;
      if (checkpointId <= above) {
        return violated(`checkpoint ${checkpointId}, ${where}, comes after ${above}`);
      }
      used.add(checkpointId);
      floor.set(process, checkpointId);
      highest = Math.max(highest, checkpointId);
    }
    if (used.size < 2) return vacuous("fewer than two checkpoints were triggered");
    return holds({ triggered: used.size });
  },
};

type TaskNote = NoteOf<"checkpoint-acknowledged" | "task-ended" | "snapshot-taken">;
const taskOf = (note: Pick<TaskNote, "vertex" | "subtask">): string =>
  `${note.vertex}/${note.subtask}`;

/**
 * Every subtask that ever shows in the notes, by plan: the first, and one more for each time that the job
 * was rescaled. What never shows cannot be missed, and what a process that had been paused still does for
 * checkpoints of an older plan does not count.
 */
function subtasksOf(history: History): readonly ReadonlySet<string>[] {
  let subtasks = new Set<string>();
  const byPlan = [subtasks];
  let [triggered, ofOlderPlans] = [0, 0];
  for (const note of history.notes) {
    switch (note.kind) {
      case "job-rescaled":
        subtasks = new Set();
        byPlan.push(subtasks);
        ofOlderPlans = triggered;
        break;
      case "checkpoint-triggered":
        triggered = Math.max(triggered, note.checkpointId);
        break;
      case "task-restored":
        if (byPlan.length === 1) subtasks.add(taskOf(note));
        break;
      case "barrier-injected":
      case "alignment-started":
      case "snapshot-taken":
      case "checkpoint-acknowledged":
        if (note.checkpointId > ofOlderPlans) subtasks.add(taskOf(note));
        break;
      default:
        break;
    }
  }
  return byPlan;
}

export const completedIsWhole: Property = {
  id: "CK2",
  rule: "A checkpoint completes only with its metadata stored and every subtask's acknowledgement.",
  check(history) {
    const byPlan = subtasksOf(history);
    let plan = 0;
    const durable = followDurable(checkpointOfMetadata);
    const acknowledged = new Map<number, Set<string>>();
    const byThemselves = history.job.checkpoints.protocol === "uncoordinated";
    const ended = new Set<string>();
    let completed = 0;
    for (const note of history.notes) {
      durable.follow(note);
      if (note.kind === "job-rescaled") plan++;
      if (note.kind === "job-deploying") {
        ended.clear();
        if (byThemselves) acknowledged.clear();
      }
      if (note.kind === "task-ended") ended.add(taskOf(note));
      if (note.kind === "checkpoint-acknowledged") {
        const by = acknowledged.get(note.checkpointId) ?? new Set<string>();
        acknowledged.set(note.checkpointId, by.add(taskOf(note)));
      }
      if (note.kind !== "checkpoint-completed") continue;
      completed++;
      const id = note.checkpointId;
      if (!durable.has(id)) {
        return violated(`checkpoint ${id} completed ${placeOf(note)}, without stored metadata`);
      }
      const ids = byThemselves ? [...acknowledged.keys()].filter((other) => other <= id) : [id];
      const by = new Set(ids.flatMap((other) => [...(acknowledged.get(other) ?? [])]));
      const absent = [...(byPlan[plan] ?? [])]
        .filter((task) => !by.has(task) && !ended.has(task))
        .sort();
      if (absent.length > 0) {
        return violated(
          `checkpoint ${id} completed ${placeOf(note)}, without an acknowledgement by ` +
            `${absent.join(", ")} (vertex/subtask)`,
        );
      }
    }
    if (completed === 0) return vacuous("no checkpoint completed");
    const subtasks = Math.max(...byPlan.map(({ size }) => size));
    return holds({ completed, subtasks });
  },
};

export const abortedStaysAborted: Property = {
  id: "CK3",
  rule: "An aborted checkpoint never completes, and completed ids rise.",
  check(history) {
    const aborted = new Set<number>();
    const newest = new Map<string, number>();
    let completed = 0;
    for (const note of history.notes) {
      if (note.kind === "checkpoint-aborted") aborted.add(note.checkpointId);
      if (note.kind !== "checkpoint-completed") continue;
      const { checkpointId, process } = note;
      if (aborted.has(checkpointId)) {
        return violated(`checkpoint ${checkpointId} completed ${placeOf(note)}, once aborted`);
      }
      const before = newest.get(process) ?? 0;
      if (checkpointId <= before) {
        return violated(
          `checkpoint ${checkpointId} completed at ${process} ${placeOf(note)}, after ${before}`,
        );
      }
      newest.set(process, checkpointId);
      completed++;
    }
    if (completed === 0) return vacuous("no checkpoint completed");
    if (aborted.size === 0 && completed < 2) return vacuous("one checkpoint, and none aborted");
    return holds({ completed, aborted: aborted.size });
  },
};

export const snapshotsInOrder: Property = {
  id: "CK5",
  rule: "The checkpoint ids of a subtask's snapshots rise, at most one snapshot for each.",
  check(history) {
    const latest = new Map<string, number>();
    let snapshots = 0;
    let followed = 0;
    for (const note of history.notes) {
      if (note.kind !== "snapshot-taken") continue;
      const before = latest.get(holderOf(note));
      if (before !== undefined && note.checkpointId <= before) {
        return violated(
          `${taskOf(note)} at ${note.process} took its snapshot for checkpoint ` +
            `${note.checkpointId} ${placeOf(note)}, after that for ${before}`,
        );
      }
      latest.set(holderOf(note), note.checkpointId);
      snapshots++;
      if (before !== undefined) followed++;
    }
    if (followed === 0) return vacuous("no subtask took two snapshots");
    return holds({ snapshots });
  },
};

/** A paused process may take a late snapshot in an attempt that has a successor elsewhere. */
const holderOf = (note: Note & Pick<TaskNote, "vertex" | "subtask">): string =>
  `${note.process} ${taskOf(note)}`;
