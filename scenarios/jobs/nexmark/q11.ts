/** NexMark q11, user sessions: how many bids did each bidder make until they paused for ten seconds? */
import {
  sessionWindows,
  types,
  type Collector,
  type LogicalGraph,
  type ValueOf,
  type WindowContext,
} from "../../../src/index.ts";
import { count } from "./count.ts";
import { bids, nexmarkJob, results } from "./streams.ts";

const sessionType = types.record({
  bidder: types.int,
  bids: types.int,
  startMs: types.long,
  /** The pause included. */
  endMs: types.long,
});
export type BidderSession = ValueOf<typeof sessionType>;

/** The key of a row for rules about order: the sessions of a bidder end one after the other. */
export const bidderOf = (row: unknown): string => String((row as BidderSession).bidder);

const describe = () => ({
  process(
    { key, window: { startMs, endMs } }: WindowContext<number>,
    counts: readonly number[],
    out: Collector<BidderSession>,
  ): void {
    for (const counted of counts) out.collect({ bidder: key, bids: counted, startMs, endMs });
  },
});

export const q11 = (): LogicalGraph =>
  nexmarkJob("q11", (env) => {
    bids(env)
      .keyBy(({ bidder }) => bidder, types.int)
      .window({
        assigner: sessionWindows({ gapMs: 10_000 }),
        aggregate: count,
        accumulatorType: types.int,
        process: describe,
        outputType: sessionType,
      })
      .uid("session")
      .sinkTo(results)
      .uid("results");
  });
