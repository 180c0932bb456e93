/**
 * What no channel joins does not fail together.
 *
 * RG1  When a task fails, no region but its own starts over for that; the others keep their attempts.
 *
 * Source: C118, C120; A39 is the same restart without its state, and shows as lost output.
 */
import { placeOf, type NoteOf } from "./notes.ts";
import { holds, vacuous, violated, type Property } from "./property.ts";

export const restartsAlone: Property = {
  id: "RG1",
  rule: "A region that fails starts over alone; the attempts of others go on.",
  check(history) {
    /** Regions that run. */
    const running = new Set<number>();
    let alone = 0;
    let last: NoteOf<"job-failing"> | undefined;
    for (const note of history.notes) {
      if (note.kind === "leader-elected") running.clear();
      if (note.kind === "job-running") running.add(note.region);
      if (note.kind !== "job-failing") continue;
      running.delete(note.region);
      const { why, region } = note;
      if (/^task \d/.test(why) && last?.why === why && last.region !== region) {
        return violated(
          `region ${region} failed ${placeOf(note)}, as region ${last.region} had: "${why}"; ` +
            "a task is of one of them",
        );
      }
      last = note;
      if (running.size > 0) alone++;
    }
    if (alone === 0) return vacuous("no region failed while another went on");
    return holds({ alone });
  },
};
