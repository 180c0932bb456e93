/**
 * Sums by name and window of event time. What comes behind the watermark of its window is left out, so
 * a record that was overtaken by a watermark on its way shows as a sum that is too small.
 */
import {
  mapState,
  types,
  type Collector,
  type KeyedContext,
  type KeyedProcessFunction,
  type MapState,
  type RuntimeContext,
} from "../../src/index.ts";

export type Counted = Readonly<{ name: string; count: number }>;
export type WindowSum = Readonly<{ name: string; endMs: number; sum: number }>;

export const countedType = types.record({ name: types.string, count: types.long });
export const windowSumType = types.record({
  name: types.string,
  endMs: types.long,
  sum: types.long,
});

const WINDOW_MS = 1_000;

/** The last millisecond of the window that a time falls into. */
export const windowEndOf = (atMs: number): number =>
  (Math.floor(atMs / WINDOW_MS) + 1) * WINDOW_MS - 1;

export class WindowedSum implements KeyedProcessFunction<string, Counted, WindowSum> {
  #sums!: MapState<number, number>;

  open(context: RuntimeContext): void {
    this.#sums = context.getMapState(mapState("sums", types.long, types.long));
  }

  processElement({ count }: Counted, { timestampMs, timers }: KeyedContext<string>): void {
    const endMs = windowEndOf(timestampMs);
    if (endMs <= timers.currentWatermark()) return;
    this.#sums.put(endMs, (this.#sums.get(endMs) ?? 0) + count);
    timers.registerEventTimeTimer(endMs);
  }

  onEventTimeTimer(endMs: number, { key }: KeyedContext<string>, out: Collector<WindowSum>): void {
    const sum = this.#sums.get(endMs);
    this.#sums.remove(endMs);
    if (sum !== undefined) out.collect({ name: key, endMs, sum });
  }
}
