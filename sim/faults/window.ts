/**
 * Faults that are a window: something of the world is other than usual, and `forMs` later as it was.
 *
 * Most faults of what lies outside the processes are one. What they share is said here, so that each of
 * them says only what is its own: what it switches, how far, and what for.
 *
 * WD1  A window draws how long it lasts, then its numbers as they are named: a plan of a known seed stays.
 * WD2  What a window has set is set back when it heals, and at no other time.
 */
import type { Moment } from "../moment.ts";
import type { Bounds, DrawContext, Healing } from "./fault.ts";

/** What is drawn from, both ends included. */
export type Range = Readonly<Required<Pick<Bounds, "min" | "max">>>;

/** A share that is legal, and the shares that are drawn: some get through, and some do not. */
export const PER_MILLE: Range = { min: 1, max: 1_000 };
export const SOME_PER_MILLE: Range = { min: 50, max: 800 };

/** How long a fault may last that is drawn for so long. */
export const lasting = ({ min }: Range) => ({ field: "forMs", min: 1, dwellMs: min }) as const;

/** [WD1] A moment, how long from then, and a number out of each range. */
export function drawWindow<K extends string = never>(
  context: DrawContext,
  windowMs: Range,
  ranges?: Readonly<Record<K, Range>>,
): Readonly<{ when: Moment; forMs: number } & Record<NoInfer<K>, number>> {
  const draw = ({ min, max }: Range): number => context.random.integer(min, max);
  const forMs = draw(windowMs);
  const drawn = Object.entries<Range>(ranges ?? {}).map(([name, range]) => [name, draw(range)]);
  // `fromEntries` forgets the names, and these are those of the ranges.
  const numbers = Object.fromEntries(drawn) as Record<K, number>;
  return { when: context.moment(forMs), forMs, ...numbers };
}

/** [WD2] Sets something for so long, and then back. */
export function setFor<T>(
  forMs: number,
  [during, after]: readonly [during: T, after: T],
  set: (value: T) => void,
): Healing {
  set(during);
  return { afterMs: forMs, heal: () => set(after) };
}
