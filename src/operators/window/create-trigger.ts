/**
 * The triggers there are: when the window of a key fires, and whether its content goes.
 *
 * Each is written over the same context as a trigger of the user's own: what it must remember are
 * numbers kept with the window, and timers of the window. Only the delta trigger remembers a record.
 *
 * TG1  A window that has merged has at most one timer for its end, and none once its end has passed
 *      (C91): the record that merged it fires then.
 * TG2  What triggers remember goes with the window, and adds up when windows merge (C88, C90).
 *
 * Source: Flink, EventTimeTrigger and its siblings. We differ: a continuous trigger of processing time
 * takes the end of its window into account only where windows are of processing time.
 */
import { unreachable } from "../../core/assert.ts";
import type { LastFired } from "./last-fired.ts";
import type {
  Trigger,
  TriggerContext,
  TriggerResult,
  WindowAssigner,
  WindowTrigger,
} from "./window-spec.ts";
import { lastMsOf } from "./window-type.ts";

const CONTINUE = (): TriggerResult => "continue";
const NOTHING = (): void => undefined;

/** The trigger of windows that name none. */
export function defaultTrigger<T>(assigner: WindowAssigner<T>): Trigger<T> {
  if (assigner.kind === "global") return { kind: "never" };
  return { kind: assigner.time === "event" ? "event-time" : "processing-time" };
}

export function createTrigger<T>(
  trigger: Trigger<T>,
  assigner: WindowAssigner<T>,
  lastFired: LastFired<T>,
): WindowTrigger<T> {
  switch (trigger.kind) {
    case "event-time":
      return EVENT_TIME;
    case "processing-time":
      return PROCESSING_TIME;
    case "count":
      return counting(trigger.count);
    case "continuous":
      if (trigger.time === "event") return continuousEventTime(trigger.intervalMs);
      return continuousProcessingTime(
        trigger.intervalMs,
        assigner.kind !== "global" && assigner.time === "processing",
      );
    case "delta":
      return onDelta(trigger.threshold, trigger.delta, lastFired);
    case "purging":
      return purging(createTrigger(trigger.of, assigner, lastFired));
    case "never":
      return NEVER;
    case "custom":
      return trigger.create();
    default:
      return unreachable(trigger);
  }
}

const NEVER: WindowTrigger<unknown> = {
  onElement: CONTINUE,
  onEventTime: CONTINUE,
  onProcessingTime: CONTINUE,
  onMerge: NOTHING,
  clear: NOTHING,
};

const EVENT_TIME: WindowTrigger<unknown> = {
  onElement(_value, _timestampMs, context) {
    const lastMs = lastMsOf(context.window);
    // A late record within the allowed lateness: the window has fired, and fires again (C87).
    if (lastMs <= context.currentWatermark()) return "fire";
    context.registerEventTimeTimer(lastMs);
    return "continue";
  },
  onEventTime: (timeMs, { window }) => (timeMs === lastMsOf(window) ? "fire" : "continue"),
  onProcessingTime: CONTINUE,
  onMerge(context) {
    const lastMs = lastMsOf(context.window);
    if (lastMs > context.currentWatermark()) context.registerEventTimeTimer(lastMs);
  },
  clear: (context) => context.deleteEventTimeTimer(lastMsOf(context.window)),
};

const PROCESSING_TIME: WindowTrigger<unknown> = {
  onElement(_value, _timestampMs, context) {
    context.registerProcessingTimeTimer(lastMsOf(context.window));
    return "continue";
  },
  onEventTime: CONTINUE,
  onProcessingTime: (timeMs, { window }) => (timeMs === lastMsOf(window) ? "fire" : "continue"),
  onMerge: (context) => context.registerProcessingTimeTimer(lastMsOf(context.window)),
  clear: (context) => context.deleteProcessingTimeTimer(lastMsOf(context.window)),
};

const COUNT = "count";

const counting = (count: number): WindowTrigger<unknown> => ({
  onElement(_value, _timestampMs, context) {
    const counted = (context.get(COUNT) ?? 0) + 1;
    context.set(COUNT, counted >= count ? undefined : counted);
    return counted >= count ? "fire" : "continue";
  },
  onEventTime: CONTINUE,
  onProcessingTime: CONTINUE,
  onMerge(context, merged) {
    const counted = merged.reduce((sum, numbers) => sum + (numbers.get(COUNT) ?? 0), 0);
    context.set(COUNT, counted === 0 ? undefined : counted);
  },
  clear: NOTHING,
});

/** The multiple of its interval at which a continuous trigger fires next, if the window lasts. */
const NEXT = "next";

/** The first multiple of the interval behind `timeMs`. */
function nextMultiple(timeMs: number, intervalMs: number): number {
  const past = timeMs % intervalMs;
  return timeMs - (past < 0 ? past + intervalMs : past) + intervalMs;
}

function earliestNext(merged: readonly ReadonlyMap<string, number>[]): number | undefined {
  const nexts = merged.map((numbers) => numbers.get(NEXT) ?? Infinity);
  const nextMs = Math.min(...nexts);
  return nextMs === Infinity ? undefined : nextMs;
}

function continuousEventTime(intervalMs: number): WindowTrigger<unknown> {
  const arm = (context: TriggerContext, nextMs: number): void => {
    context.set(NEXT, nextMs);
    if (nextMs < lastMsOf(context.window)) context.registerEventTimeTimer(nextMs);
  };
  return {
    onElement(_value, timestampMs, context) {
      const lastMs = lastMsOf(context.window);
      if (lastMs <= context.currentWatermark()) return "fire";
      if (lastMs < Infinity) context.registerEventTimeTimer(lastMs);
      if (context.get(NEXT) === undefined) arm(context, nextMultiple(timestampMs, intervalMs));
      return "continue";
    },
    onEventTime(timeMs, context) {
      const isNext = timeMs === context.get(NEXT);
      if (isNext) arm(context, timeMs + intervalMs);
      return isNext || timeMs === lastMsOf(context.window) ? "fire" : "continue";
    },
    onProcessingTime: CONTINUE,
    onMerge(context, merged) {
      const nextMs = earliestNext(merged);
      if (nextMs === undefined) return;
      // TG1: past its end a window fires with the record that merged it, and with later ones.
      if (lastMsOf(context.window) <= context.currentWatermark()) context.set(NEXT, nextMs);
      else arm(context, nextMs);
    },
    clear(context) {
      const nextMs = context.get(NEXT);
      if (nextMs !== undefined) context.deleteEventTimeTimer(nextMs);
      context.deleteEventTimeTimer(lastMsOf(context.window));
    },
  };
}

/** @param endsToo the clock comes to the end of the window, and the trigger hears of it */
function continuousProcessingTime(intervalMs: number, endsToo: boolean): WindowTrigger<unknown> {
  const arm = (context: TriggerContext, nextMs: number): void => {
    context.set(NEXT, nextMs);
    if (endsToo && nextMs >= lastMsOf(context.window)) return;
    context.registerProcessingTimeTimer(nextMs);
  };
  return {
    onElement(_value, _timestampMs, context) {
      if (context.get(NEXT) === undefined) {
        arm(context, nextMultiple(context.currentProcessingTime(), intervalMs));
      }
      return "continue";
    },
    onEventTime: CONTINUE,
    onProcessingTime(timeMs, context) {
      const isNext = timeMs === context.get(NEXT);
      if (isNext) arm(context, timeMs + intervalMs);
      const isEnd = endsToo && timeMs === lastMsOf(context.window);
      return isNext || isEnd ? "fire" : "continue";
    },
    onMerge(context, merged) {
      const nextMs = earliestNext(merged);
      if (nextMs !== undefined) arm(context, nextMs);
    },
    clear(context) {
      const nextMs = context.get(NEXT);
      if (nextMs !== undefined) context.deleteProcessingTimeTimer(nextMs);
    },
  };
}

const onDelta = <T>(
  threshold: number,
  delta: (from: T, to: T) => number,
  lastFired: LastFired<T>,
): WindowTrigger<T> => ({
  onElement(value, _timestampMs, { window }) {
    const last = lastFired.get(window);
    if (last !== undefined && !(delta(last, value) > threshold)) return "continue";
    lastFired.set(window, value);
    return last === undefined ? "continue" : "fire";
  },
  onEventTime: CONTINUE,
  onProcessingTime: CONTINUE,
  clear: NOTHING,
});

const withPurge = (result: TriggerResult): TriggerResult =>
  result === "fire" ? "fire-and-purge" : result;

function purging<T>(of: WindowTrigger<T>): WindowTrigger<T> {
  const trigger: WindowTrigger<T> = {
    onElement: (value, timestampMs, context) =>
      withPurge(of.onElement(value, timestampMs, context)),
    onEventTime: (timeMs, context) => withPurge(of.onEventTime(timeMs, context)),
    onProcessingTime: (timeMs, context) => withPurge(of.onProcessingTime(timeMs, context)),
    clear: (context) => of.clear(context),
  };
  if (of.onMerge === undefined) return trigger;
  return { ...trigger, onMerge: (context, merged) => of.onMerge?.(context, merged) };
}
