/**
 * Which of the points of a run leave the same behind when a process dies there: one of each class is
 * worth a run, where there are pairs to be played and so a million of them.
 *
 * What a process held in memory dies with it. So two points of one life come to the same if in between
 * the process did nothing that outlasts it: it said nothing, sent no data, made no request, and its disk
 * is clean. Whatever the others do meanwhile, they do either way, until they notice; how long that
 * takes is a latency, of which any run is one sample.
 *
 *   before   the crash right before a step is the one right after the step before it
 *   heard    a message that was heard, and led to nothing yet, is gone with the memory
 *   effect   a request under way takes effect whether its process lives or not
 *   alive    a heartbeat says nothing but that somebody lives, which is no longer so
 *   again    a message that repeats the last one of its kind on its link byte for byte: the network may
 *            double it, and lose either, by itself
 *   down     an effect of a process that is dead already: nobody is there to die
 *
 * CC1  Every point is of one class: one stands for it, and the others are counted by the reason.
 * CC2  What stands for a class comes before everything else in it, so it strikes wherever they do.
 * CC3  With a disk that is not clean, every point is a class of its own: each write may be kept or lost.
 *
 * Not here: what points there are (crash-points.ts).
 */
import { OWNER } from "../processes.ts";
import type { TakenStep } from "../steps.ts";

/** Why a point is not played. */
export const SAME_AS = ["before", "heard", "effect", "alive", "again", "down"] as const;
export type SameAs = (typeof SAME_AS)[number];
export type Pruned = Readonly<Record<SameAs, number>>;

export type Classes = Readonly<{
  /** One of each class, in their order. */
  steps: readonly TakenStep[];
  pruned: Pruned;
}>;

/** A process as the last point left it that was not the same as the one before. */
type Left = { flowed: number };

export const nothingPruned = (): Record<SameAs, number> => ({
  ...{ before: 0, heard: 0, effect: 0, alive: 0, again: 0, down: 0 },
});

/** @param down the process that is dead when the steps begin */
export function classesOf(taken: readonly TakenStep[], down?: string): Classes {
  const lefts = new Map<string, Left>();
  const said = new Map<string, number>();
  const pruned = nothingPruned();
  const steps: TakenStep[] = [];
  let dead = down;
  for (const step of taken) {
    const { process, flowed, dirty } = step;
    if (process === OWNER) continue;
    if (process === dead && isEffect(step)) {
      pruned.down++;
      continue;
    }
    if (process === dead) dead = undefined;
    const left = lefts.get(process);
    const same = sameAs(step, said);
    const isNew = same === undefined || left === undefined || dirty || left.flowed !== flowed;
    if (isNew) {
      lefts.set(process, { flowed });
      steps.push(step);
    } else {
      pruned[same]++; // CC1
    }
  }
  return { steps, pruned };
}

/** Undefined: it is a step that outlasts the process. */
function sameAs(taken: TakenStep, said: Map<string, number>): SameAs | undefined {
  const { step, side } = taken;
  if (side === "before") return "before";
  if (isEffect(taken)) return "effect";
  if (step.startsWith("receive/")) return "heard";
  if (!step.startsWith("send/")) return undefined;
  if (step === "send/heartbeat") return "alive";
  return repeats(taken, said) ? "again" : undefined;
}

function repeats(taken: TakenStep, said: Map<string, number>): boolean {
  const { process, peer = "", step, content } = taken;
  const link = `${process}>${peer} ${step}`;
  const last = said.get(link);
  said.set(link, content);
  return last === content;
}

const isEffect = ({ step }: TakenStep): boolean => step.endsWith("/effect");
