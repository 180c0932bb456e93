/**
 * NexMark q10, log to files: every bid, in files by day and minute, in two parts each.
 *
 *   bids --hash(file)--> windows of a minute: the lines in order --> ledger
 *
 * A file is written when its minute is over, and whole. The lines of one stand in order of event time,
 * in whatever order the bids came.
 */
import {
  tumblingWindows,
  types,
  type Collector,
  type LogicalGraph,
  type ValueOf,
  type WindowContext,
} from "../../../src/index.ts";
import type { Bid } from "../../data/nexmark.ts";
import { dayOf, minuteOf } from "./calendar.ts";
import { bids, nexmarkJob, results } from "./streams.ts";

const PARTS = 2;

const logLineType = types.record({
  file: types.string,
  /** From 1. */
  line: types.int,
  auction: types.int,
  bidder: types.int,
  price: types.int,
  atMs: types.long,
  extra: types.string,
});
export type LogLine = ValueOf<typeof logLineType>;

/** The key of a row for rules about order. */
export const fileOf = (row: unknown): string => (row as LogLine).file;

const fileOfBid = ({ atMs, auction }: Bid): string =>
  `${dayOf(atMs)}/${minuteOf(atMs)}/part-${auction % PARTS}`;

const lines = () => ({
  process({ key }: WindowContext<string>, ofFile: readonly Bid[], out: Collector<LogLine>): void {
    const sorted = [...ofFile].sort((a, b) => a.atMs - b.atMs);
    for (const [i, { auction, bidder, price, atMs, extra }] of sorted.entries()) {
      out.collect({ file: key, line: i + 1, auction, bidder, price, atMs, extra });
    }
  },
});

export const q10 = (): LogicalGraph =>
  nexmarkJob("q10", (env) => {
    bids(env)
      .keyBy(fileOfBid, types.string)
      .window({
        assigner: tumblingWindows({ sizeMs: 60_000 }),
        process: lines,
        outputType: logLineType,
      })
      .uid("write")
      .sinkTo(results)
      .uid("results");
  });
