/**
 * NexMark q14, calculation: bids of certain prices in euros, with the time of day in words and how many
 * letters "c" their extra has.
 */
import { types, type LogicalGraph, type ValueOf } from "../../../src/index.ts";
import type { Bid } from "../../data/nexmark.ts";
import { bids, nexmarkJob, results } from "./streams.ts";

const HOUR_MS = 3_600_000;
const EUROS_PER_DOLLAR = 0.908;
/** Prices in between, in euro cents. */
const [OVER, UNDER] = [1_000_000, 50_000_000];

const calculatedType = types.record({
  auction: types.int,
  bidder: types.int,
  price: types.double,
  bidTimeType: types.literal("dayTime", "nightTime", "otherTime"),
  atMs: types.long,
  extra: types.string,
  cCounts: types.int,
});
export type Calculated = ValueOf<typeof calculatedType>;

/** By the clock of Greenwich. */
function timeOfDay(atMs: number): Calculated["bidTimeType"] {
  const hour = Math.floor(atMs / HOUR_MS) % 24;
  if (hour >= 8 && hour <= 18) return "dayTime";
  if (hour <= 6 || hour >= 20) return "nightTime";
  return "otherTime";
}

/** The query's function of the user's own. */
const countChar = (text: string, wanted: string): number =>
  [...text].filter((char) => char === wanted).length;

const calculated = ({ auction, bidder, price, atMs, extra }: Bid): Calculated => ({
  ...{ auction, bidder, atMs, extra },
  price: EUROS_PER_DOLLAR * price,
  bidTimeType: timeOfDay(atMs),
  cCounts: countChar(extra, "c"),
});

export const q14 = (): LogicalGraph =>
  nexmarkJob("q14", (env) => {
    bids(env)
      .map(calculated, calculatedType)
      .uid("calculate")
      .filter(({ price }) => price > OVER && price < UNDER)
      .uid("of-certain-prices")
      .sinkTo(results)
      .uid("results");
  });
