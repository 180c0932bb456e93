/**
 * Who is part of a recovery line of a job: its subtasks, in order of the plan, and then the enumerators of
 * its sources, which live with the job manager and send splits to their readers. And what flows between.
 *
 * What subtasks send each other is logged by the sender. Splits are not: an enumerator that has given one
 * away has forgotten it, and the reader that has it at its checkpoint must find it forgotten.
 *
 * A subtask counts by output channel and by input channel, in the order of the plan; a source, which has no
 * input channels, counts the assignments it has applied instead. An enumerator counts by reader.
 */
import { present } from "../core/assert.ts";
import { asSubtaskIndex, type OperatorUid } from "../core/ids.ts";
import { inputChannels, outputChannels } from "../graph/build-plan.ts";
import type { PhysicalPlan, Vertex } from "../graph/physical-plan.ts";
import type { Flow } from "./recovery-line.ts";
import { taskKey, type TaskId } from "./task-id.ts";

export type LineShape = Readonly<{
  tasks: readonly TaskId[];
  /** By `taskKey`: which member it is. */
  memberOf: ReadonlyMap<number, number>;
  /** Members behind all tasks; each has the vertex that its readers are. */
  enumerators: readonly Readonly<{ uid: OperatorUid; vertex: number }>[];
  flows: readonly Flow[];
}>;

export function lineShapeOf(plan: PhysicalPlan): LineShape {
  const tasks = plan.vertices.flatMap(subtasksOf);
  const memberOf = new Map(tasks.map((task, member) => [taskKey(task), member]));
  const enumerators = plan.vertices.flatMap(({ index, chain }) =>
    chain.flatMap(({ logic, uid }) => (logic.kind === "source" ? [{ uid, vertex: index }] : [])),
  );
  const splits = enumerators.flatMap(({ vertex }, i) =>
    tasks.flatMap((task, receiver): Flow[] => {
      if (task.vertex !== vertex) return [];
      const sender = tasks.length + i;
      return [{ sender, sentAt: task.subtask, receiver, receivedAt: 0, logged: false }];
    }),
  );
  return { tasks, memberOf, enumerators, flows: [...recordFlows(plan, memberOf), ...splits] };
}

const subtasksOf = ({ index, parallelism }: Vertex): TaskId[] =>
  Array.from({ length: parallelism }, (_, i) => ({ vertex: index, subtask: asSubtaskIndex(i) }));

function recordFlows(plan: PhysicalPlan, memberOf: ReadonlyMap<number, number>): Flow[] {
  const member = (task: TaskId): number =>
    present(memberOf.get(taskKey(task)), () => `no task ${task.vertex}/${task.subtask}`);
  const sentAt = new Map<string, number>();
  for (const vertex of plan.vertices) {
    for (const { subtask } of subtasksOf(vertex)) {
      const channels = vertex.outputs.flatMap((edge) =>
        outputChannels(plan, edge, subtask).map((to) => `${edge.index}/${subtask}>${to}`),
      );
      channels.forEach((name, at) => sentAt.set(name, at));
    }
  }
  return plan.vertices.flatMap((vertex) =>
    subtasksOf(vertex).flatMap((task) =>
      inputChannels(plan, vertex, task.subtask).map(({ edge, fromSubtask }, receivedAt): Flow => {
        const name = `${edge.index}/${fromSubtask}>${task.subtask}`;
        return {
          sender: member({ vertex: edge.from, subtask: fromSubtask }),
          sentAt: present(sentAt.get(name), () => `nobody sends on channel ${name}`),
          receiver: member(task),
          receivedAt,
          logged: true,
        };
      }),
    ),
  );
}
