/**
 * How a job names its windows: `.window({ assigner: tumblingWindows({ sizeMs: 60_000 }), ... })`.
 *
 * Not here: what each means (`window-spec.ts`), what is wrong with one (`check-window.ts`).
 */
import { keepLast } from "./evictors.ts";
import { countTrigger, purging } from "./triggers.ts";
import type { Evictor, Trigger, WindowAssigner, WindowTime } from "./window-spec.ts";

export type TumblingOptions = Readonly<{
  /** 1 or more. */
  sizeMs: number;
  /** Windows begin so much later than at multiples of their size; negative: earlier. 0 by default. */
  offsetMs?: number;
  /** "event" by default. */
  time?: WindowTime;
}>;

/** `slideMs`: from the start of one window to that of the next, 1 to `sizeMs`. */
export type SlidingOptions = TumblingOptions & Readonly<{ slideMs: number }>;

export type SessionOptions<T> = Readonly<{
  /** 1 or more; or what it is for a record. */
  gapMs: number | ((value: T) => number);
  /** "event" by default. */
  time?: WindowTime;
}>;

export const tumblingWindows = <T>({
  sizeMs,
  offsetMs = 0,
  time = "event",
}: TumblingOptions): WindowAssigner<T> => ({ kind: "tumbling", time, sizeMs, offsetMs });

export const slidingWindows = <T>({
  sizeMs,
  slideMs,
  offsetMs = 0,
  time = "event",
}: SlidingOptions): WindowAssigner<T> => ({ kind: "sliding", time, sizeMs, slideMs, offsetMs });

export const sessionWindows = <T>({
  gapMs,
  time = "event",
}: SessionOptions<T>): WindowAssigner<T> => ({ kind: "session", time, gapMs });

/** One window for ever, which fires by its trigger alone. */
export const globalWindow = <T>(): WindowAssigner<T> => ({ kind: "global" });

/** Every `count` records of a key, and then the next: `.window({ ...countWindow(100), reduce })`. */
export const countWindow = <T>(
  count: number,
): Readonly<{ assigner: WindowAssigner<T>; trigger: Trigger<T> }> => ({
  assigner: globalWindow(),
  trigger: purging(countTrigger(count)),
});

/** At every `slide`-th record of a key, the last `size` of them. */
export const slidingCountWindow = <T>(
  size: number,
  slide: number,
): Readonly<{ assigner: WindowAssigner<T>; trigger: Trigger<T>; evictor: Evictor<T> }> => ({
  assigner: globalWindow(),
  trigger: countTrigger(slide),
  evictor: keepLast(size),
});
