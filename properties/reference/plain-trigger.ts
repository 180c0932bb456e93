/**
 * Triggers of the reference, written from what `Trigger` says of each: they look at the window they
 * are handed, and set timers in it.
 */
import type {
  Trigger,
  TriggerContext,
  TriggerResult,
  WindowAssigner,
  WindowTime,
  WindowTrigger,
} from "../../src/index.ts";
import type { PlainWindow } from "./plain-window.ts";
import type { Clocks } from "./twin.ts";

export type PlainTrigger = Readonly<{
  onRecord(window: PlainWindow, value: unknown, timestampMs: number): TriggerResult;
  onTime(window: PlainWindow, time: WindowTime, timeMs: number): TriggerResult;
  /** `window` has just come of `merged`. */
  onMerge(window: PlainWindow, merged: readonly PlainWindow[]): void;
}>;

export function plainTrigger(
  trigger: Trigger<unknown>,
  assigner: WindowAssigner<unknown>,
  clocks: Clocks,
): PlainTrigger {
  switch (trigger.kind) {
    case "event-time":
      return atEventEnd(clocks);
    case "processing-time":
      return atClockEnd;
    case "count":
      return everyCount(trigger.count);
    case "continuous":
      return trigger.time === "event"
        ? everyEventInterval(trigger.intervalMs, clocks)
        : everyClockInterval(trigger.intervalMs, assigner, clocks);
    case "delta":
      return beyondDelta(trigger);
    case "purging":
      return thenEmpty(plainTrigger(trigger.of, assigner, clocks));
    case "never":
      return never;
    case "custom":
      return ofTheUser(trigger.create(), clocks);
  }
}

const lastMs = (window: PlainWindow): number => window.endMs - 1;

const never: PlainTrigger = {
  onRecord: () => "continue",
  onTime: () => "continue",
  onMerge: () => undefined,
};

function atEventEnd(clocks: Clocks): PlainTrigger {
  const hasEnded = (window: PlainWindow): boolean => lastMs(window) <= clocks.watermarkMs();
  return {
    onRecord(window) {
      if (hasEnded(window)) return "fire";
      window.eventTimers.add(lastMs(window));
      return "continue";
    },
    onTime: (window, time, timeMs) =>
      time === "event" && timeMs === lastMs(window) ? "fire" : "continue",
    onMerge(window) {
      if (!hasEnded(window)) window.eventTimers.add(lastMs(window));
    },
  };
}

const atClockEnd: PlainTrigger = {
  onRecord(window) {
    window.processingTimers.add(lastMs(window));
    return "continue";
  },
  onTime: (window, time, timeMs) =>
    time === "processing" && timeMs === lastMs(window) ? "fire" : "continue",
  onMerge: (window) => void window.processingTimers.add(lastMs(window)),
};

const everyCount = (count: number): PlainTrigger => ({
  onRecord({ numbers }) {
    const since = (numbers.get("since") ?? 0) + 1;
    numbers.set("since", since >= count ? 0 : since);
    return since >= count ? "fire" : "continue";
  },
  onTime: () => "continue",
  onMerge({ numbers }, merged) {
    let since = 0;
    for (const window of merged) since += window.numbers.get("since") ?? 0;
    numbers.set("since", since);
  },
});

const multipleBehind = (timeMs: number, intervalMs: number): number =>
  (Math.floor(timeMs / intervalMs) + 1) * intervalMs;

function keepEarliest(window: PlainWindow, merged: readonly PlainWindow[]): void {
  for (const { numbers } of merged) {
    const due = numbers.get("due");
    if (due === undefined) continue;
    window.numbers.set("due", Math.min(due, window.numbers.get("due") ?? due));
  }
}

function everyEventInterval(intervalMs: number, clocks: Clocks): PlainTrigger {
  const atEnd = atEventEnd(clocks);
  const wait = (window: PlainWindow): void => {
    const due = window.numbers.get("due");
    if (due !== undefined && due < lastMs(window)) window.eventTimers.add(due);
  };
  return {
    onRecord(window, value, timestampMs) {
      if (window.endMs < Infinity && atEnd.onRecord(window, value, timestampMs) === "fire") {
        return "fire";
      }
      if (!window.numbers.has("due")) {
        window.numbers.set("due", multipleBehind(timestampMs, intervalMs));
        wait(window);
      }
      return "continue";
    },
    onTime(window, time, timeMs) {
      if (time !== "event") return "continue";
      const isDue = timeMs === window.numbers.get("due");
      if (isDue) {
        window.numbers.set("due", timeMs + intervalMs);
        wait(window);
      }
      return isDue || timeMs === lastMs(window) ? "fire" : "continue";
    },
    onMerge(window, merged) {
      keepEarliest(window, merged);
      // If the end is past, the record behind the merging fires.
      if (lastMs(window) > clocks.watermarkMs()) wait(window);
    },
  };
}

function everyClockInterval(
  intervalMs: number,
  assigner: WindowAssigner<unknown>,
  clocks: Clocks,
): PlainTrigger {
  const clockEnds = assigner.kind !== "global" && assigner.time === "processing";
  const wait = (window: PlainWindow): void => {
    const due = window.numbers.get("due");
    if (due === undefined || (clockEnds && due >= lastMs(window))) return;
    window.processingTimers.add(due);
  };
  return {
    onRecord(window) {
      if (!window.numbers.has("due")) {
        window.numbers.set("due", multipleBehind(clocks.processingTimeMs(), intervalMs));
        wait(window);
      }
      return "continue";
    },
    onTime(window, time, timeMs) {
      if (time !== "processing") return "continue";
      const isDue = timeMs === window.numbers.get("due");
      if (isDue) {
        window.numbers.set("due", timeMs + intervalMs);
        wait(window);
      }
      return isDue || (clockEnds && timeMs === lastMs(window)) ? "fire" : "continue";
    },
    onMerge(window, merged) {
      keepEarliest(window, merged);
      wait(window);
    },
  };
}

const beyondDelta = ({
  threshold,
  delta,
  type,
}: Extract<Trigger<unknown>, { kind: "delta" }>): PlainTrigger => ({
  onRecord({ lastFired }, value) {
    if (lastFired.length > 0 && !(delta(lastFired[0], value) > threshold)) return "continue";
    const isFirst = lastFired.length === 0;
    lastFired[0] = type.copy(value);
    return isFirst ? "continue" : "fire";
  },
  onTime: () => "continue",
  onMerge: () => undefined,
});

function thenEmpty(of: PlainTrigger): PlainTrigger {
  const emptied = (result: TriggerResult): TriggerResult =>
    result === "fire" ? "fire-and-purge" : result;
  return {
    onRecord: (window, value, timestampMs) => emptied(of.onRecord(window, value, timestampMs)),
    onTime: (window, time, timeMs) => emptied(of.onTime(window, time, timeMs)),
    onMerge: of.onMerge,
  };
}

function ofTheUser(trigger: WindowTrigger<unknown>, clocks: Clocks): PlainTrigger {
  const contextOf = (window: PlainWindow): TriggerContext => ({
    window: { startMs: window.startMs, endMs: window.endMs },
    currentWatermark: clocks.watermarkMs,
    currentProcessingTime: clocks.processingTimeMs,
    registerEventTimeTimer: (timeMs) => void window.eventTimers.add(timeMs),
    deleteEventTimeTimer: (timeMs) => void window.eventTimers.delete(timeMs),
    registerProcessingTimeTimer: (timeMs) => void window.processingTimers.add(timeMs),
    deleteProcessingTimeTimer: (timeMs) => void window.processingTimers.delete(timeMs),
    get: (name) => window.numbers.get(name),
    set(name, value) {
      if (value === undefined) window.numbers.delete(name);
      else window.numbers.set(name, value);
    },
  });
  return {
    onRecord: (window, value, timestampMs) =>
      trigger.onElement(value, timestampMs, contextOf(window)),
    onTime: (window, time, timeMs) =>
      time === "event"
        ? trigger.onEventTime(timeMs, contextOf(window))
        : trigger.onProcessingTime(timeMs, contextOf(window)),
    onMerge(window, merged) {
      const numbers = merged.map((each) => each.numbers);
      trigger.onMerge?.(contextOf(window), numbers);
    },
  };
}
