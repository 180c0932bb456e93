/**
 * The regions of a job: what has to start over together when one part of it fails.
 *
 * Records flow between subtasks without being kept, so a subtask that starts over has to be given again
 * what it had read, and whoever read from it starts over as well. What no channel joins goes on (C118).
 * Sources of one alignment group wait for one another, and belong together too.
 *
 * RN1  Every vertex is in exactly one region; the ends of an edge are in the same one.
 * RN2  Regions are numbered by their first source, so another parallelism leaves the numbers as they are.
 *
 * Source: Flink's RestartPipelinedRegionFailoverStrategy.
 * Not here: how one is deployed and restarted (`../runtime/region-run.ts`).
 */
import { present } from "../core/assert.ts";
import type { VertexIndex } from "../core/ids.ts";
import type { PhysicalPlan, Vertex } from "./physical-plan.ts";

export type Region = Readonly<{
  index: number;
  /** Ascending. */
  vertices: readonly Vertex[];
}>;

export function regionsOf({ vertices, edges }: PhysicalPlan): readonly Region[] {
  const parents: number[] = vertices.map((_, index) => index);
  const rootOf = (vertex: number): number => {
    const parent = present(parents[vertex], () => `no vertex ${vertex} in the plan`);
    return parent === vertex ? vertex : rootOf(parent);
  };
  const join = (a: number, b: number): void => {
    const [rootA, rootB] = [rootOf(a), rootOf(b)];
    parents[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
  };
  for (const { from, to } of edges) join(from, to);
  const groups = new Map<string, VertexIndex>();
  for (const vertex of vertices) {
    const group = alignmentGroupOf(vertex);
    if (group === undefined) continue;
    join(groups.get(group) ?? vertex.index, vertex.index);
    groups.set(group, vertex.index);
  }
  const byRoot = new Map<number, Vertex[]>();
  for (const vertex of vertices) {
    const root = rootOf(vertex.index);
    byRoot.set(root, [...(byRoot.get(root) ?? []), vertex]);
  }
  return [...byRoot.values()].map((members, index) => ({ index, vertices: members }));
}

function alignmentGroupOf({ chain }: Vertex): string | undefined {
  const [head] = chain;
  return head?.logic.kind === "source" ? head.logic.watermarks.alignment?.group : undefined;
}
