/** Event time, timers and two sinks, over real prices that come out of order. */
import type { Random } from "../src/index.ts";
import type { Input, InputRecord } from "../sim/history.ts";
import { arrivals } from "./data/arrivals.ts";
import { stockPrices as prices, type Price } from "./data/stocks.ts";
import {
  OUT_OF_ORDER_MS_MAX,
  stockPrices as stockPricesJob,
  symbolOf,
} from "./jobs/stock-prices.ts";
import { ANY_SETTINGS, scenario } from "./scenario.ts";

const TOPICS: Readonly<Record<string, readonly string[]>> = {
  nasdaq: ["AAPL", "AMZN", "GOOG", "MSFT"],
  nyse: ["IBM"],
};
const OVER_MS = 12_000;

/** A share lives in one partition; within a partition, no price is late. */
function drawPrices(random: Random): Input {
  const input = new Map<string, InputRecord[][]>();
  for (const [topic, symbols] of Object.entries(TOPICS)) {
    const draws = random.fork(topic);
    const partitions = Array.from({ length: draws.integer(1, 4) }, (): Price[] => []);
    for (const symbol of symbols) {
      draws.pick(partitions).push(...prices().filter((price) => price.symbol === symbol));
    }
    input.set(
      topic,
      partitions.map((partition, i) => shuffled(partition, draws.fork(`partition-${i}`))),
    );
  }
  return input;
}

/** By event time, each price held up by at most what the watermarks allow for. */
function shuffled(partition: readonly Price[], draws: Random): InputRecord[] {
  const dayMsMax = OUT_OF_ORDER_MS_MAX / 1_000;
  const held = partition.map((price, i) => ({
    price,
    heldUntilMs: price.timestampMs + draws.integer(0, dayMsMax) * 1_000,
    i,
  }));
  held.sort((a, b) => a.heldUntilMs - b.heldUntilMs || a.i - b.i);
  const times = arrivals(draws.fork("arrivals"), held.length, OVER_MS);
  return held.map(({ price }, i) => ({
    value: price,
    timestampMs: price.timestampMs,
    availableAtMs: times[i]!,
  }));
}

export const stockPrices = scenario({
  name: "stock-prices",
  why: `Prices come out of order from several partitions, and a timer decides at each period's end.
    A watermark that runs ahead, a timer lost or fired twice, or state that leaks from one period
    into the next shows as a wrong alert; a symbol served by two subtasks, as a wrong average.`,
  job: stockPricesJob(),
  input: drawPrices,
  // One partition in the dark while the others go on: event time has to wait for it.
  options: {
    log: {
      latency: { minUs: 500, maxUs: 30_000, tailPerMille: 120, tailUs: 900_000 },
      timeoutPerMille: 10,
      readRecordsMax: 10,
    },
  },
  rowKey: symbolOf,
  swarm: { free: ANY_SETTINGS },
});
