/**
 * One keyed operator of the reference: the user's function with state, timers and the key in hand.
 *
 * A record with a time at or below the watermark is handed to the function like any other: what is
 * late is for the function to say. Timers it registers at such times fire with the next advance.
 */
import type {
  Collector,
  KeyedContext,
  KeyedProcessFunction,
  KeySelector,
  RuntimeContext,
  TimerService,
  TypeSerializer,
} from "../../src/index.ts";
import { keyText } from "./key-text.ts";
import { createKeyedState } from "./keyed-state.ts";
import { createTimers } from "./timers.ts";

/** What a processing-time timer puts out happened at no event time. */
const AT_NO_EVENT_TIME = Number.NEGATIVE_INFINITY;

/** What the operator needs to know of the run around it, at the moment it asks. */
export type Clocks = Readonly<{ processingTimeMs(): number; watermarkMs(): number }>;
export type Emit = (value: unknown, timestampMs: number) => void;

type KeyedLogic = Readonly<{
  key: KeySelector<unknown, unknown>;
  keyType: TypeSerializer<unknown>;
  create: () => KeyedProcessFunction<unknown, unknown, unknown>;
}>;

export type KeyedOperator = Readonly<{
  process(value: unknown, timestampMs: number): void;
  fireEventTime(watermarkMs: number): void;
  /** When the first processing-time timer is due. */
  nextProcessingMs(): number | undefined;
  /** Fires one processing-time timer that is due. */
  fireProcessingTime(nowMs: number): void;
  close(): void;
}>;

export function createKeyedOperator(logic: KeyedLogic, clocks: Clocks, emit: Emit): KeyedOperator {
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
  const out: Collector<unknown> = { collect: (value) => emit(value, currentMs) };
  const at = (key: unknown, text: string, timestampMs: number): KeyedContext<unknown> => {
    current = key;
    currentText = text;
    currentMs = timestampMs;
    return { key, timestampMs, timers };
  };
  user.open?.(oneOfOne(() => currentText));

  return {
    process(value, timestampMs) {
      const key = logic.key(value);
      user.processElement(value, at(key, keyText(logic.keyType, key), timestampMs), out);
    },
    fireEventTime(watermarkMs) {
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
function oneOfOne(currentKey: () => string): RuntimeContext {
  return {
    subtask: 0 as RuntimeContext["subtask"],
    parallelism: 1,
    restored: false,
    ...createKeyedState(currentKey),
  };
}
