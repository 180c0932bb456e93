/**
 * What a job without coordinated checkpoints has to do without: options that say something of barriers, and
 * sinks whose parts would have to agree on what a checkpoint is.
 */
import type { CheckpointConfig, LogicalNode } from "./logical-graph.ts";

export function checkProtocol(
  { protocol, ...config }: CheckpointConfig,
  nodes: readonly LogicalNode[],
): string[] {
  if (protocol === "coordinated") return [];
  const { mode, unaligned, minPauseMs, maxConcurrent, localRecovery } = config;
  const given = [
    mode !== "exactly-once" ? `mode "${mode}"` : "",
    unaligned ? "unaligned" : "",
    minPauseMs > 0 ? "minPauseMs" : "",
    maxConcurrent > 1 ? "maxConcurrent" : "",
    localRecovery ? "localRecovery" : "",
  ].filter((option) => option !== "");
  const problems = given.map(
    (option) =>
      `enableCheckpointing: ${option} is for coordinated checkpoints; leave it out, ` +
      "or leave out the protocol",
  );
  for (const { uid, logic } of nodes) {
    const { kind } = logic;
    if (kind !== "writer" && kind !== "committer" && kind !== "table") continue;
    problems.push(
      `operator "${uid}": a ${kind} needs coordinated checkpoints; write into a ledger without a ` +
        "committer, or leave out the protocol",
    );
  }
  return problems;
}
