/**
 * Nothing is left lying about.
 *
 * OR1  When the job is over, the store holds what outlives it on purpose and nothing else: the mark
 *      that it is over, who led it, which ids are taken, what was asked of it, and whole savepoints.
 *
 * OR2  A job that was cancelled and told to keep its newest checkpoint, or that failed for good, leaves
 *      that one, and of no other one anything.
 *
 * Source: C66, C126, C40; OR2: C39; A17 and A43 are the opposite fault, and show as failed restores.
 */
import { holds, vacuous, violated, type Property } from "./property.ts";
import type { History } from "../sim/history.ts";
import { checkpointOfMetadata, outlivesJob, savepointFiles } from "./store-paths.ts";

const ORPHANS_SHOWN = 5;

export const nothingOrphaned: Property = {
  id: "OR1",
  rule: "When the job is over, no file of its checkpoints is left in the store.",
  check(history) {
    if (history.outcome === "failed" || history.outcome === "stuck") {
      return vacuous(`the job is ${history.outcome}: its files may still be wanted`);
    }
    const saved = savepointFiles(history.objectsAtEnd);
    const retained = retainedCheckpoint(history);
    const orphans = history.objectsAtEnd.filter(
      (path) => !outlivesJob(path) && !saved.has(path) && retained?.has(path) !== true,
    );
    if (orphans.length > 0) {
      const shown = orphans.slice(0, ORPHANS_SHOWN).join(", ");
      return violated(`${orphans.length} files are left over: ${shown}`);
    }
    let checkpoints = 0;
    for (const note of history.notes) {
      if (note.kind === "object-stored" && checkpointOfMetadata(note.path) !== undefined) {
        checkpoints++;
      }
    }
    if (checkpoints === 0) return vacuous("no checkpoint was ever stored");
    return holds({ checkpoints });
  },
};

export const retainedIsWhole: Property = {
  id: "OR2",
  rule: "A job that fails, or is cancelled and told to, leaves its newest checkpoint, and only that.",
  check(history) {
    const retained = retainedCheckpoint(history);
    if (retained === undefined) return vacuous("no checkpoint was to outlive the job");
    const completed = history.notes.flatMap((note) =>
      note.kind === "checkpoint-completed" ? [note.checkpointId] : [],
    );
    if (completed.length === 0) return vacuous("no checkpoint completed");
    const newest = Math.max(...completed);
    const left = history.objectsAtEnd.flatMap((path) => checkpointOfMetadata(path) ?? []);
    const [id] = left;
    if (id === undefined) return violated(`nothing is left of checkpoint ${newest}`);
    if (left.length > 1) return violated(`checkpoints ${left.join(", ")} are left`);
    // One that was stored and not announced before its leader died is newer still.
    if (id < newest) return violated(`checkpoint ${id} is left, and ${newest} is not`);
    if (retained.size < 2) return violated(`nothing but the metadata of checkpoint ${id} is left`);
    return holds({ checkpoint: id, files: retained.size });
  },
};

/** The files of checkpoints that may be left; undefined: none may. */
function retainedCheckpoint({
  job,
  outcome,
  objectsAtEnd,
}: History): ReadonlySet<string> | undefined {
  const { retention } = job.checkpoints;
  const told = outcome === "cancelled" && retention === "retain-on-cancellation";
  if (!told && outcome !== "failed") return undefined;
  const metadata = objectsAtEnd.find((path) => checkpointOfMetadata(path) !== undefined);
  const directory = metadata?.slice(0, metadata.lastIndexOf("/") + 1);
  const shared = directory?.replace(/chk-\d+\/$/, "shared/");
  return new Set(
    objectsAtEnd.filter(
      (path) => directory !== undefined && (path.startsWith(directory) || path.startsWith(shared!)),
    ),
  );
}
