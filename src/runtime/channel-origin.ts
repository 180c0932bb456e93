/**
 * What the channels of a plan are called in a checkpoint, by what outlives the plan: the operators at
 * both ends. Edges are counted anew with every change of the job; operators keep their uids.
 */
import { present } from "../core/assert.ts";
import type { ChannelOrigin } from "../checkpoint/in-flight-file.ts";
import type { Edge, PhysicalPlan, Vertex } from "../graph/physical-plan.ts";
import type { TypeSerializer } from "../types/type.ts";

export type EdgeOrigin = Pick<ChannelOrigin, "from" | "to" | "input" | "tag" | "twin">;

export function edgeOriginOf(plan: PhysicalPlan, edge: Edge): EdgeOrigin {
  const alike = plan.edges.filter(
    (other) =>
      other.from === edge.from &&
      other.to === edge.to &&
      other.input === edge.input &&
      other.tag?.id === edge.tag?.id,
  );
  const head = present(vertexAt(plan, edge.to).chain[0], () => `no head of vertex ${edge.to}`);
  return {
    from: tailOf(plan, edge).uid,
    to: head.uid,
    input: edge.input,
    tag: edge.tag?.id ?? "",
    twin: alike.indexOf(edge),
  };
}

/**
 * Undefined where barriers never overtake (C19) and no sender keeps a log: records of pointwise exchanges
 * belong to one receiver for reasons that no other parallelism could find again, and those of a broadcast
 * would be there once for each receiver.
 */
export function channelOriginOf(
  plan: PhysicalPlan,
  edge: Edge,
  sender: number,
  receiver: number,
): ChannelOrigin | undefined {
  const { kind } = edge.exchange;
  const logged = plan.graph.checkpoints.protocol === "uncoordinated";
  const pointwise = kind === "forward" || kind === "rescale";
  if (!logged && (pointwise || kind === "broadcast")) return undefined;
  return {
    ...edgeOriginOf(plan, edge),
    sender,
    receiver,
    senders: vertexAt(plan, edge.from).parallelism,
    receivers: vertexAt(plan, edge.to).parallelism,
  };
}

/** Of the records on an edge. */
export const sentType = (plan: PhysicalPlan, edge: Edge): TypeSerializer<unknown> =>
  edge.tag?.type ?? tailOf(plan, edge).outputType;

const tailOf = (plan: PhysicalPlan, { from }: Edge): Vertex["chain"][number] =>
  present(vertexAt(plan, from).chain.at(-1), () => `vertex ${from} has an empty chain`);

const vertexAt = (plan: PhysicalPlan, index: number): Vertex =>
  present(plan.vertices[index], () => `no vertex ${index} in the plan`);
