/**
 * Every order of what happens in a run, up to a bound: which executions there are to try, and which not.
 *
 * An execution is a list of choices (`../kernel/choices.ts`): those at which it does not take the first
 * of what there is. It begins with the empty list. Whatever an execution passes behind its last such
 * choice is new, and for each thing that it might have done there, another execution is due, which does
 * the same up to there. Nothing is stored but these lists: to get to a state is to run to it once more.
 *
 *   run []                 sees choices 1, 2, 3, ...  ->  [1: b] [2: b] [2: crash tm-0] [3: b] ...
 *   run [2: crash tm-0]    sees choices 3, 4, ...     ->  [2: crash tm-0, 3: b] ...
 *
 * EX1  No list comes twice, and each one within the bounds comes, unless the search is ended before.
 * EX2  Lists with fewer choices come first: the first that breaks a rule is as short as any.
 * EX3  What is left out is counted, by the bound that left it out.
 *
 * At a choice there are the events of one owner (CX2, a persistent set): orders of events that touch
 * nothing in common come to the same state, and one of them is tried. States are not compared beyond
 * that: what a process holds is its own, and no digest from outside would be a proof that two are equal.
 *
 * Source: Godefroid 1997 (Model Checking for Programming Languages Using VeriSoft) for the search without
 * states, 1996 for persistent sets; bounds on what differs from the first order after Emmi, Qadeer and
 * Rakamarić 2011 (Delay-Bounded Scheduling).
 * Not here: who plays an execution (`run-seed.ts`), what is printed (`../cli/explore.ts`).
 */
import { present } from "../../src/index.ts";
import type { Choice, ChoicePoint } from "../kernel/choices.ts";

export type Bounds = Readonly<{
  /** Choices of an execution that are not the first of what there is. */
  deviations: number;
  /** Of these, deaths. */
  crashes: number;
  /** Of these, events held until the next instant. */
  holds: number;
  /** Only the first so many choices of a run; undefined: all of them. */
  first: number | undefined;
}>;

/** What was not tried, though it is another order: by the bound. */
export type LeftOut = { deviations: number; first: number };

type Taken = readonly Choice[];

const isCrash = ({ take }: Choice): boolean => take.startsWith("crash ");
const isHold = ({ take }: Choice): boolean => take.startsWith("hold ");

export class Orders {
  readonly leftOut: LeftOut = { deviations: 0, first: 0 };
  /** Choices that executions passed, each counted once. */
  choices = 0;
  /** Lanes of other owners that had an event at a choice, and did not have to be tried there. */
  independent = 0;
  readonly #bounds: Bounds;
  readonly #queue: Taken[] = [[]];

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** Executions that are known of so far. */
  get count(): number {
    return this.#queue.length;
  }

  /** Of the `index`-th execution, from 0. */
  takenAt(index: number): Taken {
    return present(this.#queue[index], () => `no execution ${index} of ${this.#queue.length}`);
  }

  /** What an execution had to choose from, behind the last choice of its list. EX1, EX2. */
  onPlayed(index: number, points: readonly ChoicePoint[]): void {
    const taken = this.takenAt(index);
    const { deviations, crashes, holds, first = Number.POSITIVE_INFINITY } = this.#bounds;
    const mayCrash = taken.filter(isCrash).length < crashes;
    const mayHold = taken.filter(isHold).length < holds;
    for (const { at, lanes, hold, deaths, others } of points) {
      this.choices++;
      this.independent += others;
      const instead = [...lanes.slice(1), ...(mayHold ? [hold] : []), ...(mayCrash ? deaths : [])];
      if (at > first) this.leftOut.first += instead.length;
      else if (taken.length >= deviations) this.leftOut.deviations += instead.length;
      else for (const take of instead) this.#queue.push([...taken, { at, take }]);
    }
  }
}

/** Those behind the last choice of the list. */
export const newPoints = (points: readonly ChoicePoint[], taken: Taken): readonly ChoicePoint[] => {
  const last = taken.at(-1)?.at ?? 0;
  return points.filter(({ at }) => at > last);
};
