/**
 * The job as it runs: vertices (chains of operators), their subtasks, and the channels between them.
 */
import type { SubtaskIndex, VertexIndex } from "../core/ids.ts";
import type { OutputTag } from "../operators/output-tag.ts";
import type { Exchange, LogicalGraph, LogicalNode } from "./logical-graph.ts";

export type Edge = Readonly<{
  /** Index within `PhysicalPlan.edges`; part of every channel's name. */
  index: number;
  from: VertexIndex;
  to: VertexIndex;
  /** Never `forward` to another parallelism. */
  exchange: Exchange;
  /** Which input of the receiving chain's head: 0 or 1. */
  input: 0 | 1;
  /** The side output of the sending chain's tail that it carries; undefined: the main output. */
  tag: OutputTag<unknown> | undefined;
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
  /** Whether operators were fused where that is possible. */
  chaining: boolean;
  /** In topological order: sources first. */
  vertices: readonly Vertex[];
  edges: readonly Edge[];
  subtaskCount: number;
}>;

/** The subtasks of `edge.to` that subtask `from` of `edge.from` sends to, in channel order. */
export type ChannelsOf = (plan: PhysicalPlan, edge: Edge, from: SubtaskIndex) => SubtaskIndex[];
