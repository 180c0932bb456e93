/**
 * NexMark q6, average selling price by seller: at each sale, what did the seller's last ten auctions
 * close for?
 *
 *   auctions, bids --> winning bids --hash(seller)--> put in order, average --> ledger
 *
 * Sales of one seller come from several subtasks. Each waits until the watermark has passed it, so that
 * they count in order of closing, those of the same millisecond in order of their ids.
 */
import {
  listState,
  types,
  type Collector,
  type KeyedContext,
  type KeyedProcessFunction,
  type ListState,
  type LogicalGraph,
  type RuntimeContext,
  type ValueOf,
} from "../../../src/index.ts";
import { nexmarkJob, results } from "./streams.ts";
import { saleType, winningBids, type Sale } from "./winning-bids.ts";

const LATEST = 10;

const sellerPriceType = types.record({
  seller: types.int,
  auction: types.int,
  /** Whole cents, rounded down. */
  average: types.long,
});
export type SellerPrice = ValueOf<typeof sellerPriceType>;

/** The key of a row for rules about order. */
export const sellerOf = (row: unknown): string => String((row as SellerPrice).seller);

export const q6 = (): LogicalGraph =>
  nexmarkJob("q6", (env) => {
    winningBids(env)
      .keyBy(({ auction }) => auction.seller, types.int)
      .process(() => new AverageOfLatest(), sellerPriceType)
      .uid("average")
      .sinkTo(results)
      .uid("results");
  });

class AverageOfLatest implements KeyedProcessFunction<number, Sale, SellerPrice> {
  #waiting!: ListState<Sale>;
  #latestPrices!: ListState<number>;

  open(context: RuntimeContext): void {
    this.#waiting = context.getListState(listState("waiting", saleType));
    this.#latestPrices = context.getListState(listState("latest-prices", types.int));
  }

  processElement(sale: Sale, { timers }: KeyedContext<number>): void {
    this.#waiting.add(sale);
    timers.registerEventTimeTimer(sale.auction.expiresMs);
  }

  onEventTimeTimer(
    timestampMs: number,
    { key }: KeyedContext<number>,
    out: Collector<SellerPrice>,
  ): void {
    const waiting = this.#waiting.get();
    const closed = waiting.filter(({ auction }) => auction.expiresMs === timestampMs);
    this.#waiting.update(waiting.filter((sale) => !closed.includes(sale)));
    closed.sort((a, b) => a.auction.id - b.auction.id);
    for (const { auction, bid } of closed) {
      const prices = [...this.#latestPrices.get(), bid.price].slice(-LATEST);
      this.#latestPrices.update(prices);
      const total = prices.reduce((sum, price) => sum + price, 0);
      out.collect({ seller: key, auction: auction.id, average: Math.floor(total / prices.length) });
    }
  }
}
