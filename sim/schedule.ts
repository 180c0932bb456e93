/**
 * In which order a run takes what is due, where a plan says so: by drawn priorities
 * (`kernel/priorities.ts`), or by a list of choices (`kernel/choices.ts`). Absent: by time.
 *
 * Whether events of one instant are shuffled is an option of the world (`permuteTies`) and no schedule:
 * every seed of the swarm has it or not, and it lets nobody wait.
 *
 * Not here: who draws one for a seed, and who goes through all of them (`explore/orders.ts`).
 */
import { unreachable, type Random } from "../src/index.ts";
import { counted, grouped } from "./grouped.ts";
import { ChoicePicker, type ChoiceOptions, type Choices } from "./kernel/choices.ts";
import { Lanes } from "./kernel/lanes.ts";
import { drawPriorities, PriorityPicker, type Priorities } from "./kernel/priorities.ts";

export type Schedule = Priorities | Choices;

/** The order of a run, as its world carries it out. */
export type Order = Readonly<{
  lanes: Lanes;
  /** From here on by time: progress is owed. */
  quiet(): void;
}>;

const DEPTH_MAX = 4;

/** One for a seed of the swarm; most bugs need few events in one order. */
export const drawSchedule = (random: Random): Schedule =>
  drawPriorities(random, random.integer(1, DEPTH_MAX));

export function orderOf(
  schedule: Schedule | undefined,
  random: Random,
  options: ChoiceOptions,
): Order | undefined {
  if (schedule === undefined) return undefined;
  const picker =
    schedule.kind === "priorities"
      ? new PriorityPicker(schedule, random)
      : new ChoicePicker(schedule, options);
  return { lanes: new Lanes(picker), quiet: () => picker.quiet() };
}

/** In words, for plans on a terminal. */
export function describeSchedule(schedule: Schedule): string {
  switch (schedule.kind) {
    case "priorities": {
      const { changes, windowUs, lateUsMax } = schedule;
      const places = changes.length === 0 ? "none" : changes.map(grouped).join(", ");
      return (
        `by priorities, changes: ${places}, ${grouped(windowUs)} us ahead, ` +
        `nobody later than ${grouped(lateUsMax)} us`
      );
    }
    case "choices":
      return `by ${counted(schedule.taken.length, "choice")}`;
    default:
      return unreachable(schedule);
  }
}
