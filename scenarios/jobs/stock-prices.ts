/**
 * Two answers from one stream of share prices: a moving average with every price, and an alert when
 * a share has moved a lot from one period to the next.
 *
 *   topic "nasdaq" --\
 *                     union --hash(symbol)--> moving average --> ledger "averages"
 *   topic "nyse" ----/                \-----> period change  --> ledger "alerts"
 *
 * Both are determined, however the subtasks are interleaved. A symbol lives in one partition, so
 * its prices come in one order, and the average only looks back. The alert is decided by a timer at
 * the period's end, and by then some prices of later periods may have come, or none: so prices are
 * kept by period, and the timer looks at its own period and the one before, which no price can
 * change any more.
 */
import {
  WatermarkStrategy,
  job,
  ledger,
  listState,
  logSource,
  mapState,
  memoryBackend,
  types,
  type Collector,
  type KeyedContext,
  type KeyedProcessFunction,
  type ListState,
  type LogicalGraph,
  type MapState,
  type RuntimeContext,
} from "../../src/index.ts";
import { DAY_MS, type Price } from "../data/stocks.ts";

export const OUT_OF_ORDER_MS_MAX = 40 * DAY_MS;
/** About a quarter: three monthly prices. */
const PERIOD_MS = 91 * DAY_MS;
const AVERAGED = 5;
const ALERT_PER_CENT = 15;

export type Average = Readonly<{ symbol: string; timestampMs: number; average: number }>;
export type Alert = Readonly<{ symbol: string; periodEndMs: number; changePerCent: number }>;

/** The key of a row for rules about order: the rows of one share come in order. */
export const symbolOf = (row: unknown): string => (row as Average | Alert).symbol;

const priceType = types.record({
  symbol: types.string,
  timestampMs: types.long,
  price: types.double,
});

class MovingAverage implements KeyedProcessFunction<string, Price, Average> {
  #latest!: ListState<number>;

  open(context: RuntimeContext): void {
    this.#latest = context.getListState(listState("latest", types.double));
  }

  processElement(price: Price, _context: KeyedContext<string>, out: Collector<Average>): void {
    const latest = [...this.#latest.get(), price.price].slice(-AVERAGED);
    this.#latest.update(latest);
    const sum = latest.reduce((total, each) => total + each, 0);
    const { symbol, timestampMs } = price;
    out.collect({ symbol, timestampMs, average: sum / latest.length });
  }
}

class PeriodChange implements KeyedProcessFunction<string, Price, Alert> {
  /** Period to its last price so far, last by event time. */
  #closing!: MapState<number, Price>;

  open(context: RuntimeContext): void {
    this.#closing = context.getMapState(mapState("closing", types.long, priceType));
  }

  processElement(price: Price, context: KeyedContext<string>): void {
    const period = Math.floor(price.timestampMs / PERIOD_MS);
    const endMs = (period + 1) * PERIOD_MS - 1;
    // Too late to change what was decided: as long as watermarks are right, this never happens.
    if (endMs <= context.timers.currentWatermark()) return;
    const closing = this.#closing.get(period);
    if (closing === undefined || closing.timestampMs < price.timestampMs) {
      this.#closing.put(period, price);
    }
    context.timers.registerEventTimeTimer(endMs);
  }

  onEventTimeTimer(
    timestampMs: number,
    context: KeyedContext<string>,
    out: Collector<Alert>,
  ): void {
    const period = Math.floor(timestampMs / PERIOD_MS);
    const before = this.#closing.get(period - 1);
    const closing = this.#closing.get(period);
    if (before === undefined || closing === undefined) return;
    this.#closing.remove(period - 1);
    const changePerCent = Math.round((closing.price / before.price - 1) * 1_000) / 10;
    if (Math.abs(changePerCent) < ALERT_PER_CENT) return;
    out.collect({ symbol: context.key, periodEndMs: timestampMs, changePerCent });
  }
}

export function stockPrices(): LogicalGraph {
  return job("stock-prices", (env) => {
    env.enableCheckpointing({ intervalMs: 800 });
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
    const watermarks = WatermarkStrategy.forBoundedOutOfOrderness(OUT_OF_ORDER_MS_MAX);
    const nasdaq = logSource({ topic: "nasdaq", type: priceType });
    const nyse = logSource({ topic: "nyse", type: priceType });
    const bySymbol = env
      .fromSource(nasdaq, watermarks, "nasdaq")
      .uid("nasdaq")
      .union(env.fromSource(nyse, watermarks, "nyse").uid("nyse"))
      .keyBy((price) => price.symbol, types.string);
    bySymbol
      .process(() => new MovingAverage())
      .returns(
        types.record({ symbol: types.string, timestampMs: types.long, average: types.double }),
      )
      .uid("average")
      .sinkTo(ledger("averages"))
      .uid("averages");
    bySymbol
      .process(() => new PeriodChange())
      .returns(
        types.record({
          symbol: types.string,
          periodEndMs: types.long,
          changePerCent: types.double,
        }),
      )
      .uid("change")
      .sinkTo(ledger("alerts"))
      .uid("alerts");
  });
}
