/**
 * Where in its run each fault struck, in words of the run: behind which note of which process, and what
 * had been noted just before. A capsule keeps it, so that a replay which goes another way says where it
 * left the old one, and not only that it did.
 *
 * SK1  A place is a note's kind, its process, and how many of these came before: no time is in it, so that
 *      a run that is only quicker or slower is still the same.
 *
 * Not here: placing faults (`../moment.ts`), which is the plan's business.
 */
import type { History, Note } from "../history.ts";
import type { Plan } from "../plan.ts";
import { describeFault } from "./describe-fault.ts";

/** The n-th note of a kind by a process, from 1. */
export type Place = Readonly<{ note: string; process: string; nth: number }>;

export type Strike = Readonly<{
  /** Index into the plan's faults. */
  fault: number;
  /** What was noted right before it, the last of it last. */
  past: readonly Place[];
}>;

export type Strikes = Readonly<{
  /** In the order in which they struck. */
  strikes: readonly Strike[];
  /** How many notes of a kind a process has made, by `nameOf`. */
  noted: Readonly<Record<string, number>>;
}>;

const PAST_MAX = 3;

const nameOf = ({ note, process }: Omit<Place, "nth">): string => `${note} of ${process}`;

/** What the world does to a run is no part of where the run is. */
const isOfRun = ({ kind }: Note): boolean =>
  !/^(fault-|process-|quiet$|ledger-read$|object-)/.test(kind);

export function strikesOf({ notes, plan }: Pick<History, "notes" | "plan">): Strikes {
  const noted: Record<string, number> = {};
  const strikes: Strike[] = [];
  let past: readonly Place[] = [];
  for (const note of notes) {
    if (note.kind === "fault-injected") {
      strikes.push({ fault: plan.faults.indexOf(note.fault), past });
    }
    if (!isOfRun(note)) continue;
    const { kind, process } = note;
    const name = nameOf({ note: kind, process });
    const nth = (noted[name] ?? 0) + 1;
    noted[name] = nth;
    past = [...past, { note: kind, process, nth }].slice(-PAST_MAX);
  }
  return { strikes, noted };
}

/**
 * Where a run left the one that the capsule is of: at the first fault that struck elsewhere, or not at all.
 *
 * @returns a sentence, or undefined where every fault struck in its place
 */
export function describeDrift(
  before: readonly Strike[],
  now: Strikes,
  { faults }: Plan,
): string | undefined {
  for (const [index, strike] of before.entries()) {
    const fault = faults[strike.fault];
    const name = `fault ${strike.fault + 1}${fault === undefined ? "" : ` (${describeFault(fault)})`}`;
    const was = `${name} struck ${describePast(strike)} when the capsule was written`;
    const again = now.strikes.find(({ fault: other }) => other === strike.fault);
    if (again === undefined) return `${was}; ${describeAbsence(strike, now)}`;
    const [left, joined] = firstApart(strike, again);
    if (left === joined) continue;
    const order = now.strikes[index]?.fault === strike.fault ? "" : ", and not in its turn";
    return `${was}; this run has ${joined} where it had ${left}${order}`;
  }
  return undefined;
}

const describePlace = (place: Place | undefined): string =>
  place === undefined ? "nothing" : `${place.note} #${place.nth} of ${place.process}`;

const describePast = ({ past }: Strike): string => {
  const last = past.at(-1);
  return last === undefined ? "before any note" : `behind ${describePlace(last)}`;
};

function describeAbsence({ past }: Strike, { noted }: Strikes): string {
  const last = past.at(-1);
  if (last === undefined) return "in this run it did not strike";
  const count = noted[nameOf(last)] ?? 0;
  return count < last.nth
    ? `this run has only ${count} of those`
    : "this run comes by there, and it did not strike";
}

/** The earliest places in which the pasts of a fault are not the same. */
function firstApart(before: Strike, now: Strike): readonly [before: string, now: string] {
  for (let at = 0; at < Math.max(before.past.length, now.past.length); at++) {
    const [a, b] = [describePlace(before.past[at]), describePlace(now.past[at])];
    if (a !== b) return [a, b];
  }
  return ["", ""];
}
