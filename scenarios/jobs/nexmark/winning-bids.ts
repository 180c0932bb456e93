/**
 * For each auction that somebody bid in its best bid, when it is over: the core of q4, q6 and q9.
 *
 * A bid may come before its auction. It waits only until the watermark has passed it: an auction that
 * comes later has been opened later, and the bid is none of its own.
 */
import {
  listState,
  types,
  valueState,
  type Collector,
  type KeyedCoProcessFunction,
  type KeyedContext,
  type ListState,
  type OperatorStream,
  type RuntimeContext,
  type StreamEnvironment,
  type ValueState,
} from "../../../src/index.ts";
import { auctionType, bidType, type Auction, type Bid } from "../../data/nexmark.ts";
import { auctions, bids } from "./streams.ts";

export type Sale = Readonly<{ auction: Auction; bid: Bid }>;
export const saleType = types.record({ auction: auctionType, bid: bidType });

/** Each sale has the time for a timestamp at which its auction expired. */
export const winningBids = (env: StreamEnvironment): OperatorStream<Sale> =>
  auctions(env)
    .keyBy(({ id }) => id, types.int)
    .coProcess(
      bids(env).keyBy(({ auction }) => auction, types.int),
      () => new WinningBid(),
      saleType,
    )
    .uid("winning-bids");

class WinningBid implements KeyedCoProcessFunction<number, Auction, Bid, Sale> {
  #auction!: ValueState<Auction>;
  #best!: ValueState<Bid>;
  #waiting!: ListState<Bid>;

  open(context: RuntimeContext): void {
    this.#auction = context.getState(valueState("auction", auctionType));
    this.#best = context.getState(valueState("best", bidType));
    this.#waiting = context.getListState(listState("waiting", bidType));
  }

  processFirst(auction: Auction, { timers }: KeyedContext<number>): void {
    this.#auction.update(auction);
    timers.registerEventTimeTimer(auction.expiresMs);
    for (const bid of this.#waiting.get()) this.#take(auction, bid);
    this.#waiting.clear();
  }

  processSecond(bid: Bid, { timers }: KeyedContext<number>): void {
    const auction = this.#auction.value();
    if (auction !== undefined) {
      this.#take(auction, bid);
      return;
    }
    this.#waiting.add(bid);
    timers.registerEventTimeTimer(bid.atMs);
  }

  /** Of a bid that has waited in vain, or of an auction that is over; or of a bid that was taken. */
  onEventTimeTimer(
    timestampMs: number,
    _context: KeyedContext<number>,
    out: Collector<Sale>,
  ): void {
    const auction = this.#auction.value();
    if (auction === undefined) {
      this.#waiting.update(this.#waiting.get().filter(({ atMs }) => atMs > timestampMs));
      return;
    }
    if (timestampMs < auction.expiresMs) return;
    const bid = this.#best.value();
    if (bid !== undefined) out.collect({ auction, bid });
    this.#auction.clear();
    this.#best.clear();
  }

  #take({ atMs, expiresMs }: Auction, bid: Bid): void {
    if (bid.atMs < atMs || bid.atMs > expiresMs) return;
    const best = this.#best.value();
    if (best === undefined || outbids(bid, best)) this.#best.update(bid);
  }
}

/** The dearer one; of two equal ones the earlier. */
const outbids = (bid: Bid, best: Bid): boolean =>
  bid.price > best.price || (bid.price === best.price && bid.atMs < best.atMs);
