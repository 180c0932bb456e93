/**
 * Opens one deployed subtask with all that its checkpoint holds for it, whatever the parallelism was.
 *
 *   files of the deploy message --fetch--> snapshots --redistribute--> own share --native files--> open
 *                                \-------> records that were under way ---------------------------/
 *
 * Not here: which files those are (`../checkpoint/restore-needs.ts`), what falls to whom
 * (`../state/redistribution.ts`, `in-flight-recovery.ts`).
 */
import { present } from "../core/assert.ts";
import type { CheckpointId } from "../core/ids.ts";
import { err, ok, type Result } from "../core/result.ts";
import { decodeInFlightFile, type InFlightFile } from "../checkpoint/in-flight-file.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import type { SubtaskSnapshot } from "../state/operator-snapshot.ts";
import { restoredSnapshots } from "../state/redistribution.ts";
import type { MessageOf } from "./messages.ts";
import { fetchContents, fetchFiles, fetchSnapshots, type Fetching } from "./snapshot-fetch.ts";
import type { Subtask } from "./subtask.ts";

export type TaskRestore = Readonly<{
  fetching: Fetching;
  plan: PhysicalPlan;
  /** 0 for a job that starts afresh. */
  checkpointId: CheckpointId;
  task: MessageOf<"deploy">["tasks"][number];
}>;

type Done<T> = (result: Result<T, string>) => void;

export function restoreTask(subtask: Subtask, restore: TaskRestore): void {
  const { fetching, checkpointId, task } = restore;
  const unlessFailed = <T>(then: (value: T) => void): Done<T> => {
    return (result) => {
      if (subtask.closed) return;
      if (result.ok) then(result.value);
      else subtask.fail(`checkpoint ${checkpointId} not restored: ${result.error}`);
    };
  };
  const open = (snapshots: readonly SubtaskSnapshot[], inFlight: readonly InFlightFile[]): void => {
    subtask.open(snapshots, checkpointId > 0, inFlight);
    if (checkpointId === 0 || subtask.closed) return;
    const { vertex, subtask: index } = task;
    fetching.host.note({ kind: "task-restored", vertex, subtask: index, checkpointId });
  };
  fetchState(
    restore,
    unlessFailed((snapshots) => {
      if (task.inFlight.length === 0) open(snapshots, []);
      else
        fetchInFlight(
          restore,
          unlessFailed((inFlight) => open(snapshots, inFlight)),
        );
    }),
  );
}

function fetchState(
  { fetching, plan, task }: TaskRestore,
  done: Done<readonly SubtaskSnapshot[]>,
): void {
  const { handles, ended } = task;
  const vertex = present(plan.vertices[task.vertex], () => `no vertex ${task.vertex} in the plan`);
  const files = handles.map(({ handle }) => handle);
  fetchSnapshots(fetching, files, (result) => {
    if (!result.ok) {
      done(result);
      return;
    }
    const written = handles.map((from, i) => ({
      ...from,
      snapshot: present(result.value[i], () => `${from.handle.path} was not fetched`),
    }));
    const { parallelism, maxParallelism } = vertex;
    const own = { subtask: task.subtask, parallelism, maxParallelism, ended };
    fetchContents(fetching, restoredSnapshots(written, own), plan.graph.backend, done);
  });
}

function fetchInFlight({ fetching, task }: TaskRestore, done: Done<readonly InFlightFile[]>): void {
  const files = task.inFlight.map(({ file }) => file);
  fetchFiles(fetching, files, (result) => {
    if (!result.ok) {
      done(result);
      return;
    }
    const read: InFlightFile[] = [];
    for (const [i, bytes] of result.value.entries()) {
      const decoded = decodeInFlightFile(bytes, files[i]!.path);
      if (!decoded.ok) {
        done(err(decoded.error));
        return;
      }
      read.push(decoded.value);
    }
    done(ok(read));
  });
}
