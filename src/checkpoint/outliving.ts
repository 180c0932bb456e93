/**
 * What is left of a job's checkpoints and savepoints when the job has ended.
 *
 * OU1  A job that failed leaves its newest checkpoint, whatever it was told; one that was cancelled
 *      leaves it if it was told to (C39). All others go.
 * OU2  What the job was started from and does not own stays (C46), and so does every savepoint that is
 *      complete (C41); what is left of those that are not goes (C66).
 *
 * Not here: the sweeps (runtime/clean-up.ts).
 */
import type { CheckpointId } from "../core/ids.ts";
import type { CheckpointConfig } from "../graph/logical-graph.ts";
import type { CompletedCheckpoint } from "./checkpoint-metadata.ts";
import { metadataPath, parseSavepointPath } from "./checkpoint-paths.ts";
import { filesOfCheckpoint } from "./shared-files.ts";

/** OU1. The paths of the checkpoints that outlive the job, with all that they refer to. */
export function outlivingPaths(
  outcome: "finished" | "cancelled" | "failed",
  retention: CheckpointConfig["retention"],
  completed: readonly CompletedCheckpoint[],
  notOwned: CompletedCheckpoint | undefined,
): ReadonlySet<string> {
  const retained = outcome === "cancelled" && retention === "retain-on-cancellation";
  const newest = completed.at(-1);
  const kept: CompletedCheckpoint[] = notOwned === undefined ? [] : [notOwned];
  if (newest !== undefined && (retained || outcome === "failed")) kept.push(newest);
  return new Set(
    kept.flatMap((checkpoint) => [
      // A savepoint has its own beside it; the one among the checkpoints only told that the job stopped.
      ...(checkpoint.kind === "savepoint" ? [] : [metadataPath(checkpoint.jobName, checkpoint.id)]),
      ...filesOfCheckpoint(checkpoint).map(({ path }) => path),
    ]),
  );
}

/** OU2. Says of each path of this listing whether it is part of a savepoint that is complete. */
export function savepointFiles(
  jobName: string,
  paths: readonly string[],
): (path: string) => boolean {
  const complete = new Set<CheckpointId>();
  for (const path of paths) {
    const parsed = parseSavepointPath(jobName, path);
    if (parsed?.isMetadata === true) complete.add(parsed.checkpointId);
  }
  return (path) => {
    const parsed = parseSavepointPath(jobName, path);
    return parsed !== undefined && complete.has(parsed.checkpointId);
  };
}
