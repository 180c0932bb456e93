/** The schedule of a failing plan, made short: none at all, or else the few changes or choices it needs. */
import type { Plan } from "../plan.ts";
import type { Schedule } from "../schedule.ts";

const without = <T>(items: readonly T[], index: number): readonly T[] =>
  items.filter((_, at) => at !== index);

/** With one change or one choice less, the last one first: what comes before stays what it was. */
function* shorter(schedule: Schedule): Generator<Schedule> {
  if (schedule.kind === "priorities") {
    for (let i = schedule.changes.length - 1; i >= 0; i--)
      yield { ...schedule, changes: without(schedule.changes, i) };
  } else {
    for (let i = schedule.taken.length - 1; i >= 0; i--)
      yield { ...schedule, taken: without(schedule.taken, i) };
  }
}

/** @param attempt true when the run still fails with that plan */
export function calmSchedule(plan: Plan, attempt: (plan: Plan) => boolean): void {
  const { schedule, ...unscheduled } = plan;
  if (schedule === undefined || attempt(unscheduled)) return;
  for (let shortest = schedule, found = true; found;) {
    found = false;
    for (const candidate of shorter(shortest)) {
      if (!attempt({ ...plan, schedule: candidate })) continue;
      shortest = candidate;
      found = true;
      break;
    }
  }
}
