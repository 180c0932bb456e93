/**
 * The job as it runs: vertices (chains of operators), their subtasks, and the channels between them.
 */
import type { SubtaskIndex, VertexIndex } from "../core/ids.ts";
import type { Exchange, LogicalGraph, LogicalNode } from "./logical-graph.ts";

export type Edge = Readonly<{
  /** Index within `PhysicalPlan.edges`; part of every channel's name. */
  index: number;
  from: VertexIndex;
  to: VertexIndex;
  /** Never `forward` to another parallelism. */
  exchange: Exchange;
}>;

export type Vertex = Readonly<{
  index: VertexIndex;
  /** Head first; the head of a source vertex is the source. */
  chain: readonly LogicalNode[];
  parallelism: number;
  maxParallelism: number;
  inputs: readonly Edge[];
  outputs: readonly Edge[];
}>;

export type PhysicalPlan = Readonly<{
  graph: LogicalGraph;
  /** In topological order: sources first. */
  vertices: readonly Vertex[];
  edges: readonly Edge[];
  subtaskCount: number;
}>;

/** The subtasks of `edge.to` that subtask `from` of `edge.from` sends to, in channel order. */
export type ChannelsOf = (plan: PhysicalPlan, edge: Edge, from: SubtaskIndex) => SubtaskIndex[];
