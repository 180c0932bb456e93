/** Functions without keys in the reference: over one stream, and over two. */
import type { Collector, Lifecycle, ProcessContext } from "../../src/index.ts";
import { collectorAt } from "./collector.ts";
import type { LogicOf, Twin, TwinContext } from "./twin.ts";
import { createOperatorRuntime } from "./operator-state.ts";

/** What is put out at the end of input happened at no event time. */
const AT_NO_EVENT_TIME = Number.NEGATIVE_INFINITY;

/** The record in hand: what the function sees of it, and where it puts its output. */
export function createRecordInHand(context: TwinContext) {
  const { processingTimeMs, watermarkMs } = context.clocks;
  let currentMs = AT_NO_EVENT_TIME;
  const out = collectorAt(context, () => currentMs);
  const at = (timestampMs: number): ProcessContext => {
    currentMs = timestampMs;
    return {
      timestampMs,
      currentProcessingTime: processingTimeMs,
      currentWatermark: watermarkMs,
    };
  };
  return { out, at };
}

type Ending = Lifecycle & { onEndOfInput?(out: Collector<unknown>): void };

const ending = (user: Ending, { out, at }: ReturnType<typeof createRecordInHand>) => ({
  finish() {
    at(AT_NO_EVENT_TIME);
    user.onEndOfInput?.(out);
  },
  close: () => user.close?.(),
});

export function createProcessTwin({ create }: LogicOf<"process">, context: TwinContext): Twin {
  const user = create();
  const hand = createRecordInHand(context);
  user.open?.(createOperatorRuntime());
  return {
    ...ending(user, hand),
    receive: (_input, value, timestampMs) =>
      user.processElement(value, hand.at(timestampMs), hand.out),
  };
}

export function createCoProcessTwin({ create }: LogicOf<"co-process">, context: TwinContext): Twin {
  const user = create();
  const hand = createRecordInHand(context);
  user.open?.(createOperatorRuntime());
  return {
    ...ending(user, hand),
    receive(input, value, timestampMs) {
      const record = hand.at(timestampMs);
      if (input === 0) user.processFirst(value, record, hand.out);
      else user.processSecond(value, record, hand.out);
    },
  };
}
