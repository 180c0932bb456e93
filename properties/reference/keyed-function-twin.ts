/**
 * What the keyed functions of the reference share: state, timers and the key in hand.
 *
 * A record with a time at or below the watermark is handed to the function like any other: what is
 * late is for the function to say. Timers it registers at such times fire with the next advance.
 */
import type {
  Collector,
  KeyedCallbacks,
  KeyedContext,
  RuntimeContext,
  TimerService,
  TypeSerializer,
} from "../../src/index.ts";
import { collectorAt } from "./collector.ts";
import { keyText } from "./key-text.ts";
import { createKeyedState } from "./keyed-state.ts";
import { createTimers } from "./timers.ts";
import type { Twin, TwinContext } from "./twin.ts";

/** What a processing-time timer puts out happened at no event time. */
const AT_NO_EVENT_TIME = Number.NEGATIVE_INFINITY;

export type KeyedFunctionTwin<C> = Readonly<{
  /** Puts a key into hand for a record: what the function is told of it. */
  enter(key: unknown, timestampMs: number): KeyedContext<unknown> & C;
  /** Without a key, for what is broadcast. */
  leave(timestampMs: number): void;
  out: Collector<unknown>;
  /** All of the twin that has nothing to do with where records come in. */
  rest: Omit<Twin, "receive">;
}>;

/** @param more what the function gets to see besides key, time and timers */
export function createKeyedFunctionTwin<C extends object>(
  user: KeyedCallbacks<unknown, unknown>,
  keyType: TypeSerializer<unknown>,
  context: TwinContext,
  more: C,
): KeyedFunctionTwin<C> {
  const { clocks } = context;
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
  const at = (key: unknown, text: string, timestampMs: number): KeyedContext<unknown> & C => {
    current = key;
    currentText = text;
    currentMs = timestampMs;
    return { key, timestampMs, timers, ...more };
  };
  user.open?.(oneOfOne(() => currentText, clocks.processingTimeMs));

  const rest: Omit<Twin, "receive"> = {
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
  return {
    enter: (key, timestampMs) => at(key, keyText(keyType, key), timestampMs),
    leave(timestampMs) {
      currentMs = timestampMs;
    },
    out,
    rest,
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
