/**
 * NexMark q5, hot items: which auctions had the most bids in the last ten seconds, every two seconds?
 *
 *   bids --hash(auction)--> sliding windows: how many --hash(end)--> windows of a slide: the most --> ledger
 *
 * A count carries the last millisecond of its window, and no two windows end in one slide. So a second
 * window, as long as a slide, holds just the counts of one window.
 */
import {
  slidingWindows,
  tumblingWindows,
  types,
  type Collector,
  type LogicalGraph,
  type ValueOf,
  type WindowContext,
} from "../../../src/index.ts";
import { count } from "./count.ts";
import { bids, nexmarkJob, results } from "./streams.ts";

const SIZE_MS = 10_000;
const SLIDE_MS = 2_000;

const hotItemType = types.record({ auction: types.int, bids: types.int, endMs: types.long });
export type HotItem = ValueOf<typeof hotItemType>;

const withWindow = () => ({
  process(
    { key, window }: WindowContext<number>,
    counts: readonly number[],
    out: Collector<HotItem>,
  ): void {
    for (const counted of counts) {
      out.collect({ auction: key, bids: counted, endMs: window.endMs });
    }
  },
});

const hottest = () => ({
  process(
    _context: WindowContext<number>,
    items: readonly HotItem[],
    out: Collector<HotItem>,
  ): void {
    const most = items.reduce((max, item) => Math.max(max, item.bids), 0);
    for (const item of items) if (item.bids === most) out.collect(item);
  },
});

export const q5 = (): LogicalGraph =>
  nexmarkJob("q5", (env) => {
    bids(env)
      .keyBy(({ auction }) => auction, types.int)
      .window({
        assigner: slidingWindows({ sizeMs: SIZE_MS, slideMs: SLIDE_MS }),
        aggregate: count,
        accumulatorType: types.int,
        process: withWindow,
        outputType: hotItemType,
      })
      .uid("count")
      .keyBy(({ endMs }) => endMs, types.long)
      .window({
        assigner: tumblingWindows({ sizeMs: SLIDE_MS }),
        process: hottest,
        outputType: hotItemType,
      })
      .uid("hottest")
      .sinkTo(results)
      .uid("results");
  });
