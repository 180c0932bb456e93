/**
 * Checkpoints and plans for tests of a restore, written as little as possible.
 *
 * An operator's kind follows from its uid: "lines" is a source, "sink" a sink, "p-..." a process function,
 * "map..." a map; every other is keyed.
 */
import {
  asAttemptId,
  asCheckpointId,
  asOperatorUid,
  asSubtaskIndex,
  asVertexIndex,
} from "../core/ids.ts";
import type { Exchange, LogicalNode } from "../graph/logical-graph.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import type { CompletedCheckpoint } from "./checkpoint-metadata.ts";

export type Shape = Readonly<{ uids: string; parallelism: number; max?: number }>;

function kindOf(uid: string): string {
  if (uid === "lines") return "source";
  if (uid === "sink") return "sink";
  if (uid.startsWith("p-")) return "process";
  return uid.startsWith("map") ? "map" : "keyed-process";
}

/** Only what a restore looks at. Each vertex sends to the next one where there is an exchange for that. */
export function chained(
  shapes: readonly Shape[],
  exchanges: readonly Exchange["kind"][] = [],
): PhysicalPlan {
  const edges = exchanges.map((kind, i) => ({
    ...{ index: i, from: asVertexIndex(i), to: asVertexIndex(i + 1), input: 0, tag: undefined },
    exchange: { kind },
  }));
  const vertices = shapes.map(({ uids, parallelism, max = 128 }, i) => ({
    index: asVertexIndex(i),
    chain: uids
      .split(" ")
      .map((uid) => ({ uid: asOperatorUid(uid), logic: { kind: kindOf(uid) } }) as LogicalNode),
    parallelism,
    maxParallelism: max,
    inputs: edges.filter(({ to }) => to === i),
    outputs: edges.filter(({ from }) => from === i),
  }));
  return { vertices, edges } as unknown as PhysicalPlan;
}

export const planOf = (...shapes: readonly Shape[]): PhysicalPlan => chained(shapes);

/**
 * "0/1 1/0" for the subtasks whose input had ended, with union state, with records under way.
 */
export function checkpointOf(
  shapes: readonly Shape[],
  ended = "",
  shared = "",
  underWay = "",
): CompletedCheckpoint {
  const [over, union, inFlight] = [ended, shared, underWay].map((text) => new Set(text.split(" ")));
  return {
    id: asCheckpointId(12),
    ...{ kind: "checkpoint", name: "", stop: "none", mode: "aligned" },
    attempt: asAttemptId(1),
    jobName: "counts",
    vertices: shapes.map(({ uids, parallelism, max = 128 }, i) => ({
      index: asVertexIndex(i),
      operators: uids.split(" ").map(asOperatorUid),
      parallelism,
      maxParallelism: max,
      subtasks: Array.from({ length: parallelism }, (_, j) => {
        const path = `${i}/${j}`;
        const file = { path, length: 1, checksum: 1 };
        return {
          subtask: asSubtaskIndex(j),
          stored: {
            handle: { ...file, shared: union!.has(path) },
            inFlight: inFlight!.has(path) ? { ...file, path: `${path}-in-flight` } : undefined,
            files: [],
          },
          ended: over!.has(path),
        };
      }),
    })),
    sources: [],
  };
}
