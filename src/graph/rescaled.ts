/**
 * The same job with other parallelism: what an operator does, and where its state is found, stays.
 *
 * PX1  Max parallelism never changes, so no key changes its group (C56).
 * PX2  What comes out is a job that could have been written like that; anything else is refused, with
 *      every reason at once.
 *
 * Not here: how state follows (`../checkpoint/restorer.ts`).
 */
import { present } from "../core/assert.ts";
import { err, ok, type Result } from "../core/result.ts";
import { buildPhysicalPlan } from "./build-plan.ts";
import type { LogicalGraph, LogicalNode } from "./logical-graph.ts";
import { checkParallelism } from "./options.ts";
import type { PhysicalPlan } from "./physical-plan.ts";

/** Operators that are not named keep what they have. */
export type Parallelism = readonly Readonly<{ uid: string; parallelism: number }>[];

/** @param wanted of several for one operator the last counts */
export function rescaledPlan(
  plan: PhysicalPlan,
  wanted: Parallelism,
): Result<PhysicalPlan, string> {
  if (wanted.length === 0) return ok(plan);
  const graph = rescaledGraph(plan.graph, wanted);
  return graph.ok ? ok(buildPhysicalPlan(graph.value, { chaining: plan.chaining })) : graph;
}

export function rescaledGraph(
  graph: LogicalGraph,
  wanted: Parallelism,
): Result<LogicalGraph, string> {
  const byUid = new Map<string, number>();
  for (const { uid, parallelism } of wanted) byUid.set(uid, parallelism);
  const uids = graph.nodes.map((node): string => node.uid);
  const problems = [...byUid.keys()]
    .filter((uid) => !uids.includes(uid))
    .map((uid) => `the job has no operator "${uid}"; it has ${uids.join(", ")}`);
  const nodes = graph.nodes.map((node): LogicalNode => {
    return { ...node, parallelism: byUid.get(node.uid) ?? node.parallelism };
  });
  for (const node of nodes) problems.push(...checkNode(node, nodes));
  return problems.length === 0 ? ok({ ...graph, nodes }) : err(problems.join("; "));
}

function checkNode(node: LogicalNode, nodes: readonly LogicalNode[]): readonly string[] {
  const { uid, parallelism, maxParallelism, inputs } = node;
  const where = `operator "${uid}"`;
  const problems = checkParallelism(where, parallelism, maxParallelism);
  for (const { node: from, exchange } of inputs) {
    const upstream = present(nodes[from], () => `node ${node.id} reads node ${from}`);
    if (exchange.kind !== "forward" || upstream.parallelism === parallelism) continue;
    problems.push(
      `${where} reads "${upstream.uid}" subtask by subtask (forward), so both need one ` +
        `parallelism: rescale both, not to ${parallelism} and ${upstream.parallelism}`,
    );
  }
  return problems;
}
