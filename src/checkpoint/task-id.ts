/**
 * Names one subtask of the job within one attempt, and packs that name into a number, so that maps
 * over tasks have cheap keys whose order is that of the plan.
 */
import { assertWithin } from "../core/assert.ts";
import type { SubtaskIndex, VertexIndex } from "../core/ids.ts";

export type TaskId = Readonly<{ vertex: VertexIndex; subtask: SubtaskIndex }>;

/** Parallelism never exceeds the largest max parallelism. */
const SUBTASKS_MAX = 32_768;

export function taskKey(task: TaskId): number {
  assertWithin("subtask", task.subtask, 0, SUBTASKS_MAX - 1);
  return task.vertex * SUBTASKS_MAX + task.subtask;
}

/** "2/0": vertex, then subtask. For people. */
export const taskText = (task: TaskId): string => `${task.vertex}/${task.subtask}`;
