/**
 * Which checkpoint a restart goes back to.
 *
 * CK4  A restored checkpoint is in the store, and none that was durable or announced before the
 *      failure or election that led to the restart is newer.
 *
 * A metadata write that takes effect after that moment may be seen or missed: both are consistent, as
 * long as nobody was told. So what counts as newest is fixed when recovery begins.
 *
 * Source: C47, C29, C123; the bugs that break it are A02 and A04.
 */
import { followDurable, placeOf } from "./notes.ts";
import { holds, vacuous, violated, type Property } from "./property.ts";
import { checkpointOfMetadata, savepointOfMetadata } from "./store-paths.ts";

export const restoresNewest: Property = {
  id: "CK4",
  rule: "A restart uses the completed checkpoint with the highest id.",
  check(history) {
    const durable = followDurable(checkpointOfMetadata);
    const savepoints = followDurable(savepointOfMetadata);
    let restores = 0;
    let owed = 0;
    let announced = 0;
    for (const note of history.notes) {
      durable.follow(note);
      savepoints.follow(note);
      // What its owner resumes the job from is the newest that there is for it.
      if (note.kind === "job-resumed") owed = announced = 0;
      if (note.kind === "checkpoint-completed") announced = Math.max(announced, note.checkpointId);
      if (note.kind === "job-failing" || note.kind === "leader-elected") {
        owed = Math.max(durable.newest(), announced);
      }
      // A job that starts from nothing is deployed, but not restored.
      if (note.kind !== "job-deploying" && note.kind !== "job-restored") continue;
      const id = note.checkpointId;
      if (id < owed) {
        return violated(
          `the job was deployed from checkpoint ${id} (0: none) ${placeOf(note)}, ` +
            `though ${owed} had been completed before the restart`,
        );
      }
      if (note.kind !== "job-restored" || id === 0) continue;
      if (!durable.has(id) && !savepoints.has(id)) {
        return violated(
          `the job was restored from checkpoint ${id} ${placeOf(note)}, whose metadata is not there`,
        );
      }
      restores++;
    }
    if (restores === 0) return vacuous("the job was never restored from a checkpoint");
    return holds({ restores });
  },
};
