/**
 * The acknowledgements of one pending checkpoint, in the shape of the plan: by vertex, then by subtask.
 *
 * A job may have a thousand tasks, and each acknowledgement makes a new state; so only the row of its
 * vertex is copied, and how many there are is counted along.
 */
import { present } from "../core/assert.ts";
import type { PendingCheckpoint, TaskAck, VertexShape } from "./coordinator-protocol.ts";
import type { TaskId } from "./task-id.ts";

type Acknowledged = Pick<PendingCheckpoint, "acks" | "ackCount">;

export function noAcks(vertices: readonly VertexShape[]): Acknowledged {
  const acks: (readonly undefined[])[] = [];
  for (const { index, parallelism } of vertices) {
    acks[index] = new Array<undefined>(parallelism).fill(undefined);
  }
  return { acks, ackCount: 0 };
}

export const ackOf = ({ acks }: Acknowledged, { vertex, subtask }: TaskId): TaskAck | undefined =>
  acks[vertex]?.[subtask];

/** In order of vertex, then of subtask. */
export const acksOf = ({ acks }: Acknowledged): readonly TaskAck[] =>
  acks.flatMap((ofVertex) => ofVertex.filter((ack) => ack !== undefined));

/** The task has not acknowledged before. */
export function withAck(pending: PendingCheckpoint, ack: TaskAck): PendingCheckpoint {
  const ofVertex = present(pending.acks[ack.vertex], () => `no vertex ${ack.vertex}`);
  const acks = pending.acks.with(ack.vertex, ofVertex.with(ack.subtask, ack));
  return { ...pending, acks, ackCount: pending.ackCount + 1 };
}
