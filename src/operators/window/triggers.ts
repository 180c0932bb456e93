/**
 * How a job says when its windows fire: `trigger: purging(countTrigger(100))`.
 *
 * Not here: what each means (`window-spec.ts`), what is wrong with one (`check-window.ts`).
 */
import type { TypeSerializer } from "../../types/type.ts";
import type { Trigger, WindowTime, WindowTrigger } from "./window-spec.ts";

/** When the watermark passes the window's end; what windows of event time do by themselves. */
export const eventTimeTrigger = <T>(): Trigger<T> => ({ kind: "event-time" });

/** When the clock passes the window's end; what windows of processing time do by themselves. */
export const processingTimeTrigger = <T>(): Trigger<T> => ({ kind: "processing-time" });

export const countTrigger = <T>(count: number): Trigger<T> => ({ kind: "count", count });

/** Again and again while the window lasts. `time` is "event" by default. */
export const continuousTrigger = <T>({
  intervalMs,
  time = "event",
}: Readonly<{ intervalMs: number; time?: WindowTime }>): Trigger<T> => ({
  kind: "continuous",
  time,
  intervalMs,
});

/** When a record is farther than `threshold` from the one that it fired with last. */
export const deltaTrigger = <T>(
  options: Readonly<{
    threshold: number;
    delta: (from: T, to: T) => number;
    /** Of the records. */
    type: TypeSerializer<T>;
  }>,
): Trigger<T> => ({ kind: "delta", ...options });

/** Like `of`, but what has fired does not fire again: the content goes. */
export const purging = <T>(of: Trigger<T>): Trigger<T> => ({ kind: "purging", of });

export const neverTrigger = <T>(): Trigger<T> => ({ kind: "never" });

/** @param create for each attempt of each subtask its own */
export const customTrigger = <T>(create: () => WindowTrigger<T>): Trigger<T> => ({
  kind: "custom",
  create,
});
