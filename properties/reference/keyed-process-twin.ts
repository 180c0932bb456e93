/**
 * One keyed operator of the reference: the user's function with state, timers and the key in hand.
 *
 * A record with a time at or below the watermark is handed to the function like any other: what is
 * late is for the function to say. Timers it registers at such times fire with the next advance.
 */
import type { KeyedContext, RuntimeContext, TimerService } from "../../src/index.ts";
import { collectorAt } from "./collector.ts";
import { keyText } from "./key-text.ts";
import { createKeyedState } from "./keyed-state.ts";
import { createTimers } from "./timers.ts";
import type { LogicOf, Twin, TwinContext } from "./twin.ts";

/** What a processing-time timer puts out happened at no event time. */
const AT_NO_EVENT_TIME = Number.NEGATIVE_INFINITY;

export function createKeyedProcessTwin(
  logic: LogicOf<"keyed-process">,
  context: TwinContext,
): Twin {
  const { clocks } = context;
  const user = logic.create();
  const eventTimers = createTimers<unknown>();
  const processingTimers = createTimers<unknown>();
  let current: unknown;
  let currentText = "";
  let currentMs = 0;

  const timers: TimerService = {
    currentProcessingTime: clocks.processingTimeMs,
    currentWatermark: clocks.watermarkMs,
    registerEventTimeTimer: (timeMs) => eventTimers.register(timeMs, currentText, current),
    deleteEventTimeTimer: (timeMs) => eventTimers.remove(timeMs, currentText),
    registerProcessingTimeTimer: (timeMs) =>
      processingTimers.register(timeMs, currentText, current),
    deleteProcessingTimeTimer: (timeMs) => processingTimers.remove(timeMs, currentText),
  };
  const out = collectorAt(context, () => currentMs);
  const at = (key: unknown, text: string, timestampMs: number): KeyedContext<unknown> => {
    current = key;
    currentText = text;
    currentMs = timestampMs;
    return { key, timestampMs, timers };
  };
  user.open?.(oneOfOne(() => currentText, clocks.processingTimeMs));

  return {
    receive(_input, value, timestampMs) {
      const key = logic.key(value);
      user.processElement(value, at(key, keyText(logic.keyType, key), timestampMs), out);
    },
    advance(watermarkMs) {
      for (;;) {
        const due = eventTimers.take(watermarkMs);
        if (due === undefined) return;
        user.onEventTimeTimer?.(due.timeMs, at(due.key, due.keyText, due.timeMs), out);
      }
    },
    nextProcessingMs: processingTimers.firstMs,
    fireProcessingTime(nowMs) {
      const due = processingTimers.take(nowMs);
      if (due === undefined) return;
      user.onProcessingTimeTimer?.(due.timeMs, at(due.key, due.keyText, AT_NO_EVENT_TIME), out);
    },
    close: () => user.close?.(),
  };
}

/** The function is told that it is alone: subtask 0 of 1, never restored. */
function oneOfOne(currentKey: () => string, nowMs: () => number): RuntimeContext {
  return {
    subtask: 0 as RuntimeContext["subtask"],
    parallelism: 1,
    restored: false,
    ...createKeyedState(currentKey, nowMs),
  };
}
