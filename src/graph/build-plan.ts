/**
 * From the job as written to the job as it runs: fuses operators into chains and lays out channels.
 *
 * Two operators are fused where a channel between them would only cost: one reads all of what the
 * other gives, from the same subtask index, and nobody else reads it. Results never depend on it.
 *
 * PP1  Every operator is in exactly one chain; what is not fused is an edge between two vertices.
 * PP2  Vertices stand in topological order, sources first; edges go from a lower to a higher index.
 * PP3  Both ends of an edge derive the same channels: `outputChannels` and `inputChannels` agree.
 *
 * Source: in Flink, StreamingJobGraphGenerator.isChainable.
 */
import { assert, present } from "../core/assert.ts";
import { asSubtaskIndex, asVertexIndex, type SubtaskIndex, type VertexIndex } from "../core/ids.ts";
import type { LogicalGraph, LogicalNode } from "./logical-graph.ts";
import type { ChannelsOf, Edge, PhysicalPlan, Vertex } from "./physical-plan.ts";

export type PlanOptions = Readonly<{
  /** False gives every operator a vertex of its own; true by default. */
  chaining?: boolean;
}>;

export function buildPhysicalPlan(graph: LogicalGraph, options: PlanOptions = {}): PhysicalPlan {
  const { chaining = true } = options;
  const chains = chainsOf(graph, chaining);
  const vertexOf = new Map<number, VertexIndex>();
  chains.forEach((chain, index) => {
    for (const { id } of chain) vertexOf.set(id, asVertexIndex(index));
  });
  const edges = edgesOf(chains, vertexOf);
  const vertices = chains.map((chain, index): Vertex => {
    const { parallelism, maxParallelism } = headOf(chain);
    return {
      index: asVertexIndex(index),
      chain,
      parallelism,
      maxParallelism,
      inputs: edges.filter((edge) => edge.to === index),
      outputs: edges.filter((edge) => edge.from === index),
    };
  });
  const subtaskCount = vertices.reduce((sum, { parallelism }) => sum + parallelism, 0);
  return { graph, chaining, vertices, edges, subtaskCount };
}

type Chain = readonly LogicalNode[];

const headOf = (chain: Chain): LogicalNode => present(chain[0], () => "PP1 an empty chain");

/** Nodes stand in order of creation, inputs first, so one pass finds every chain head to tail. */
function chainsOf({ nodes }: LogicalGraph, chaining: boolean): readonly Chain[] {
  const consumers = nodes.map(() => 0);
  for (const { inputs } of nodes) for (const { node } of inputs) consumers[node]!++;
  const chains: LogicalNode[][] = [];
  const chainOf: LogicalNode[][] = [];
  for (const node of nodes) {
    const upstream = chaining ? fusedWith(node, nodes, consumers) : undefined;
    if (upstream === undefined) {
      const chain = [node];
      chains.push(chain);
      chainOf[node.id] = chain;
    } else {
      const chain = present(chainOf[upstream.id], () => `no chain with node ${upstream.id}`);
      chain.push(node);
      chainOf[node.id] = chain;
    }
  }
  const isSource = (chain: Chain): boolean => headOf(chain).logic.kind === "source";
  return [...chains.filter(isSource), ...chains.filter((chain) => !isSource(chain))];
}

/** The operator that `node` continues the chain of, if there is one. */
function fusedWith(
  node: LogicalNode,
  nodes: readonly LogicalNode[],
  consumers: readonly number[],
): LogicalNode | undefined {
  const [input, ...others] = node.inputs;
  if (input === undefined || others.length > 0) return undefined;
  const upstream = present(nodes[input.node], () => `node ${node.id} reads node ${input.node}`);
  const fits =
    node.chainable &&
    input.exchange.kind === "forward" &&
    input.tag === undefined &&
    consumers[upstream.id] === 1 &&
    upstream.parallelism === node.parallelism &&
    upstream.maxParallelism === node.maxParallelism;
  return fits ? upstream : undefined;
}

function edgesOf(
  chains: readonly Chain[],
  vertexOf: ReadonlyMap<number, VertexIndex>,
): readonly Edge[] {
  const edges: Edge[] = [];
  chains.forEach((chain, index) => {
    const to = asVertexIndex(index);
    for (const { node, exchange, input, tag } of headOf(chain).inputs) {
      const from = present(vertexOf.get(node), () => `PP1 node ${node} is in no vertex`);
      assert(from < to, () => `PP2 an edge from vertex ${from} to ${to}`);
      edges.push({ index: edges.length, from, to, exchange, input, tag });
    }
  });
  return edges;
}

const vertexAt = (plan: PhysicalPlan, index: VertexIndex): Vertex =>
  present(plan.vertices[index], () => `no vertex ${index} in a plan of ${plan.vertices.length}`);

const allSubtasks = ({ parallelism }: Vertex): SubtaskIndex[] =>
  Array.from({ length: parallelism }, (_, subtask) => asSubtaskIndex(subtask));

/** In order of the receiving subtask: channel i of a hash edge leads to subtask i. */
export const outputChannels: ChannelsOf = (plan, edge, from) =>
  allSubtasks(vertexAt(plan, edge.to)).filter((to) => areConnected(plan, edge, from, to));

/** All with all, but for exchanges that keep to themselves. */
function areConnected(
  plan: PhysicalPlan,
  { exchange, from, to }: Edge,
  sender: SubtaskIndex,
  receiver: SubtaskIndex,
): boolean {
  switch (exchange.kind) {
    case "forward":
      return sender === receiver;
    case "rescale": {
      const senders = vertexAt(plan, from).parallelism;
      const receivers = vertexAt(plan, to).parallelism;
      return senders <= receivers
        ? Math.floor((receiver * senders) / receivers) === sender
        : Math.floor((sender * receivers) / senders) === receiver;
    }
    default:
      return true;
  }
}

export type InputChannelOrigin = Readonly<{ edge: Edge; fromSubtask: SubtaskIndex }>;

/** Where the channels of a subtask's gate come from: by edge, then by sending subtask. */
export function inputChannels(
  plan: PhysicalPlan,
  vertex: Vertex,
  subtask: SubtaskIndex,
): readonly InputChannelOrigin[] {
  return vertex.inputs.flatMap((edge) => {
    const senders = allSubtasks(vertexAt(plan, edge.from)).filter((from) =>
      areConnected(plan, edge, from, subtask),
    );
    return senders.map((fromSubtask) => ({ edge, fromSubtask }));
  });
}
