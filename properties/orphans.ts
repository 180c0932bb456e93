/**
 * Nothing is left lying about.
 *
 * OR1  When the job is over, the store holds what outlives it on purpose and nothing else: the mark
 *      that it is over, who led it, and which ids are taken.
 *
 * A job that failed for good keeps its checkpoints for whoever comes to look, so it is not judged.
 *
 * Source: C66, C126, C40; A17 and A43 are the opposite fault, and show as failed restores.
 */
import { holds, vacuous, violated, type Property } from "./property.ts";
import { checkpointOfMetadata, outlivesJob } from "./store-paths.ts";

const ORPHANS_SHOWN = 5;

export const nothingOrphaned: Property = {
  id: "OR1",
  rule: "When the job is over, no file of its checkpoints is left in the store.",
  check(history) {
    if (history.outcome === "failed" || history.outcome === "stuck") {
      return vacuous(`the job is ${history.outcome}: its files may still be wanted`);
    }
    const orphans = history.objectsAtEnd.filter((path) => !outlivesJob(path));
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
