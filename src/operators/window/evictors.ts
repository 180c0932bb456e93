/**
 * How a job says what of a window's content counts: `evictor: keepLast(10)`. Evictors act before the
 * window function unless they say `when: "after"`.
 *
 * Not here: what each means (`window-spec.ts`), what is wrong with one (`check-window.ts`).
 */
import type { Evictor, Timestamped } from "./window-spec.ts";

type When = Pick<Evictor<unknown>, "when">;

/** The last `countMax`, 1 or more. */
export const keepLast = <T>(countMax: number, when: When = {}): Evictor<T> => ({
  keep: { kind: "count", countMax },
  ...when,
});

/** Those no older than `ageMsMax` before the newest, by their timestamps. */
export const keepWithin = <T>(ageMsMax: number, when: When = {}): Evictor<T> => ({
  keep: { kind: "time", ageMsMax },
  ...when,
});

/** Those nearer than `threshold` to the last one. */
export const keepByDelta = <T>(
  options: Readonly<{ threshold: number; delta: (from: T, last: T) => number }>,
  when: When = {},
): Evictor<T> => ({ keep: { kind: "delta", ...options }, ...when });

/** @param keep gets the content in order of arrival and gives back what stays of it, in order */
export const keepBy = <T>(
  keep: (content: readonly Timestamped<T>[]) => Timestamped<T>[],
  when: When = {},
): Evictor<T> => ({ keep: { kind: "custom", keep }, ...when });
