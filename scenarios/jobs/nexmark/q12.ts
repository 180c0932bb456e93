/**
 * NexMark q12, processing time windows: how many bids does each bidder make in a fixed time by the clock?
 *
 *   bids --hash(bidder)--> tumbling windows of the clock --> ledger
 *
 * Which window counts a bid is up to the clock; that one and only one does, is not. What is still open
 * when the input ends is counted then, since no clock ticks for a job that is over. Windows last a
 * second, not ten, since a seed shows all of its bids within twelve.
 */
import {
  customTrigger,
  tumblingWindows,
  types,
  type Collector,
  type LogicalGraph,
  type ValueOf,
  type WindowContext,
  type WindowTrigger,
} from "../../../src/index.ts";
import type { Bid } from "../../data/nexmark.ts";
import { count } from "./count.ts";
import { bids, nexmarkJob, results } from "./streams.ts";

const WINDOW_MS = 1_000;
/** Of event time, and behind all of it: only the final watermark comes so far. */
const END_MS = 2 ** 50;

const bidCountType = types.record({
  bidder: types.int,
  bids: types.int,
  startMs: types.long,
  endMs: types.long,
});
export type BidCount = ValueOf<typeof bidCountType>;

const describe = () => ({
  process(
    { key, window: { startMs, endMs } }: WindowContext<number>,
    counts: readonly number[],
    out: Collector<BidCount>,
  ): void {
    for (const counted of counts) out.collect({ bidder: key, bids: counted, startMs, endMs });
  },
});

/** When the clock comes to the window's last ms, or else at the end of the input. */
const byTheClockOrAtTheEnd = (): WindowTrigger<Bid> => ({
  onElement(_bid, _timestampMs, context) {
    context.registerProcessingTimeTimer(context.window.endMs - 1);
    context.registerEventTimeTimer(END_MS);
    return "continue";
  },
  onProcessingTime: () => "fire-and-purge",
  onEventTime: () => "fire-and-purge",
  clear(context) {
    context.deleteProcessingTimeTimer(context.window.endMs - 1);
    context.deleteEventTimeTimer(END_MS);
  },
});

export const q12 = (): LogicalGraph =>
  nexmarkJob("q12", (env) => {
    bids(env)
      .keyBy(({ bidder }) => bidder, types.int)
      .window({
        assigner: tumblingWindows({ sizeMs: WINDOW_MS, time: "processing" }),
        trigger: customTrigger(byTheClockOrAtTheEnd),
        aggregate: count,
        accumulatorType: types.int,
        process: describe,
        outputType: bidCountType,
      })
      .uid("count")
      .sinkTo(results)
      .uid("results");
  });
