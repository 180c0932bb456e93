/**
 * All pairs of crashes that may come to something else: a first one of each class of the run, and behind
 * it a second one of each class of the recovery from it (crash-classes.ts).
 *
 * Not here: a sample of all pairs, for which nothing has to be left out (`../cli/enumerate.ts`).
 */
import type { RunSteps } from "../run.ts";
import type { TakenStep } from "../steps.ts";
import { classesOf, nothingPruned, SAME_AS, type Classes, type SameAs } from "./crash-classes.ts";
import { crashesAt, pointsOf, recoveryFrom, type CrashFault } from "./crash-points.ts";

export type Pairs = Readonly<{
  pairs: readonly (readonly [CrashFault, CrashFault])[];
  /** Points of the run, and of these the ones that stand for a class. */
  points: number;
  firsts: number;
  /** Pairs that are left out behind those first ones, because their second one is the same as another. */
  seconds: number;
  /** Why points were left out, first ones and second ones. */
  pruned: Readonly<Record<SameAs, number>>;
}>;

/** @param recover plays the run in which only that one dies */
export function allPairs(
  steps: readonly TakenStep[],
  recover: (first: CrashFault) => RunSteps,
): Pairs {
  const pruned = nothingPruned();
  const count = (classes: Classes): Classes => {
    for (const why of SAME_AS) pruned[why] += classes.pruned[why];
    return classes;
  };
  const firsts = count(classesOf(steps)).steps.flatMap(crashesAt);
  const pairs: [CrashFault, CrashFault][] = [];
  let seconds = 0;
  for (const first of firsts) {
    const recovery = recoveryFrom(first, recover(first));
    const distinct = count(classesOf(recovery, first.process)).steps.flatMap(crashesAt);
    seconds += Math.max(0, pointsOf(recovery).length - distinct.length);
    for (const second of distinct) pairs.push([first, second]);
  }
  return { pairs, points: pointsOf(steps).length, firsts: firsts.length, seconds, pruned };
}
