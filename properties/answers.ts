/**
 * What the owner of a job asks of it.
 *
 * AN1  Every request is answered. One is refused only if the job had come to its end, or was about to; a
 *      savepoint also if something failed while it was under way.
 *
 * A job that refuses whatever it is asked breaks no other rule: its output is right. So a story that asks
 * for something is held to this rule, which is vacuous where nothing was done.
 *
 * Source: C43, C45, C57. Not here: what savepoints and rescaled jobs amount to (exactly-once.ts).
 */
import { placeOf, type NoteOf } from "./notes.ts";
import { holds, vacuous, violated, type Property } from "./property.ts";
import type { NoteKind } from "../sim/history.ts";

const ENDS: ReadonlySet<NoteKind> = new Set<NoteKind>([
  ...(["task-ended", "cancel-requested"] as const),
  ...(["job-finished", "job-cancelled", "job-stopped", "job-failed"] as const),
]);
const FAILURES: ReadonlySet<NoteKind> = new Set<NoteKind>([
  ...(["checkpoint-aborted", "job-failing", "task-failed"] as const),
  ...(["leader-elected", "process-crashed"] as const),
]);

export const requestsAreAnswered: Property = {
  id: "AN1",
  rule: "What the owner of the job asks is answered, and is not refused without a reason.",
  check(history) {
    let asked: NoteOf<"action-requested"> | undefined;
    let [done, refused] = [0, 0];
    let [ending, failed] = [false, false];
    for (const note of history.notes) {
      if (ENDS.has(note.kind)) ending = true;
      if (FAILURES.has(note.kind)) failed = true;
      if (note.kind === "job-resumed") ending = false;
      if (note.kind === "action-requested") {
        asked = note;
        failed = false;
      }
      if (note.kind !== "action-answered") continue;
      asked = undefined;
      if (note.done) done++;
      else if (!ending && !(failed && /^(savepoint|stop)-/.test(note.id))) {
        return violated(
          `${note.id} was refused ${placeOf(note)}, and nothing was wrong: ${note.why}`,
        );
      } else refused++;
    }
    if (history.outcome === "stuck") return vacuous("the job is stuck: LV1 says so");
    if (asked !== undefined) {
      return violated(`${asked.id}, asked ${placeOf(asked)}, was never answered`);
    }
    if (done === 0) return vacuous(`nothing was done for its owner, ${refused} times refused`);
    return holds({ done, refused });
  },
};
