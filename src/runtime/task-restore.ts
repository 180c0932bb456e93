/**
 * Opens one deployed subtask with all that its checkpoint holds for it, whatever the parallelism was.
 *
 *   files of the deploy message --fetch--> snapshots --redistribute--> own share --native files--> open
 *
 * Not here: which files those are (`../checkpoint/restore-needs.ts`), what falls to whom
 * (`../state/redistribution.ts`).
 */
import { present } from "../core/assert.ts";
import type { CheckpointId } from "../core/ids.ts";
import type { Result } from "../core/result.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import { restoredSnapshots } from "../state/redistribution.ts";
import type { MessageOf } from "./messages.ts";
import { fetchContents, fetchSnapshots, type Fetching } from "./snapshot-fetch.ts";
import type { Subtask } from "./subtask.ts";

export type TaskRestore = Readonly<{
  fetching: Fetching;
  plan: PhysicalPlan;
  /** 0 for a job that starts afresh. */
  checkpointId: CheckpointId;
  task: MessageOf<"deploy">["tasks"][number];
}>;

export function restoreTask(subtask: Subtask, restore: TaskRestore): void {
  const { fetching, plan, checkpointId, task } = restore;
  const { handles, ended } = task;
  const vertex = present(plan.vertices[task.vertex], () => `no vertex ${task.vertex} in the plan`);
  const { parallelism, maxParallelism } = vertex;
  const unlessFailed = <T>(then: (value: T) => void): ((result: Result<T, string>) => void) => {
    return (result) => {
      if (subtask.closed) return;
      if (result.ok) then(result.value);
      else subtask.fail(`checkpoint ${checkpointId} not restored: ${result.error}`);
    };
  };
  const files = handles.map(({ handle }) => handle);
  fetchSnapshots(
    fetching,
    files,
    unlessFailed((snapshots) => {
      const written = handles.map((from, i) => ({
        ...from,
        snapshot: present(snapshots[i], () => `${from.handle.path} was not fetched`),
      }));
      const own = { subtask: task.subtask, parallelism, maxParallelism, ended };
      const restored = restoredSnapshots(written, own);
      const open = unlessFailed((contents: typeof restored) => {
        subtask.open(contents, checkpointId > 0);
        if (checkpointId === 0 || subtask.closed) return;
        const [index, by] = [task.subtask, task.vertex];
        fetching.host.note({ kind: "task-restored", vertex: by, subtask: index, checkpointId });
      });
      fetchContents(fetching, restored, plan.graph.backend, open);
    }),
  );
}
