/**
 * NexMark q7, highest bid: which are the dearest bids of every ten seconds?
 *
 *   bids --all--> windows: one of the dearest --hash(price)--\
 *       \---------------------------------------hash(price)--- join in the same windows --> ledger
 *
 * The dearest bid of a window carries the window's last millisecond, so it meets the bids of its own
 * window again, and with them all that are as dear.
 */
import { tumblingWindows, types, type LogicalGraph } from "../../../src/index.ts";
import { bidType, type Bid } from "../../data/nexmark.ts";
import { bids, nexmarkJob, results } from "./streams.ts";

const PERIOD_MS = 10_000;

export const q7 = (): LogicalGraph =>
  nexmarkJob("q7", (env) => {
    const all = bids(env);
    const dearest = all
      .windowAll<Bid>({
        assigner: tumblingWindows({ sizeMs: PERIOD_MS }),
        reduce: (left, right) => (right.price > left.price ? right : left),
        outputType: bidType,
      })
      .uid("dearest");
    all
      .keyBy(({ price }) => price, types.int)
      .windowJoin<Bid, Bid>(
        dearest.keyBy(({ price }) => price, types.int),
        {
          assigner: tumblingWindows({ sizeMs: PERIOD_MS }),
          join: (bid, _dearest, out) => out.collect(bid),
          outputType: bidType,
        },
      )
      .uid("as-dear")
      .sinkTo(results)
      .uid("results");
  });
