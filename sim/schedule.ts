/**
 * In which order a run takes what is due, where a plan says so: by drawn priorities
 * (`kernel/priorities.ts`), or by a list of choices (`kernel/choices.ts`). Absent: by time.
 *
 * Whether events of one instant are shuffled is an option of the world (`permuteTies`) and no schedule:
 * every seed of the swarm has it or not, and it lets nobody wait.
 *
 * Not here: who draws one for a seed, and who goes through all of them (`explore/orders.ts`).
 */
import { assert, type Random } from "../src/index.ts";
import { ChoicePicker, type ChoiceOptions, type Choices } from "./kernel/choices.ts";
import { Lanes } from "./kernel/lanes.ts";
import { drawPriorities, PriorityPicker, type Priorities } from "./kernel/priorities.ts";
import type { Fault } from "./plan.ts";

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

/** Somebody has to notice, and to wait for it; longer would only be quieter. */
const RESTART_AFTER_MS = 300;
const UNSYNCED = ["kept", "lost"] as const;

/** The ways to die, in words; what is not durable yet may be there afterwards, or not. */
export const deathsOf = (process: string, isDirty: boolean): readonly string[] =>
  isDirty
    ? UNSYNCED.map((unsynced) => `crash ${process}, unsynced ${unsynced}`)
    : [`crash ${process}`];

/** What strikes when one of them is chosen. */
export function faultOfDeath(death: string, atMs: number): Fault {
  const [, process, left] = /^crash ([^ ,]+)(?:, unsynced (.*))?$/.exec(death) ?? [];
  assert(process !== undefined, () => `"${death}" is no way to die`);
  const unsynced = UNSYNCED.find((known) => known === left);
  const fault = {
    kind: "crash",
    process,
    when: { atMs },
    restartAfterMs: RESTART_AFTER_MS,
  } as const;
  return unsynced === undefined ? fault : { ...fault, unsynced };
}

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
