/**
 * What NexMark q15 and q16 count of a group of bids: the bids, those who made them, and the auctions they
 * are for; each of all prices together, and by rank of price.
 */
import { types, type ValueOf } from "../../../src/index.ts";
import type { Bid } from "../../data/nexmark.ts";

/** A price below the first is of rank 1, below the second of rank 2, any other of rank 3. */
const RANK_PRICES = [10_000, 1_000_000] as const;

export type Rank = "rank1" | "rank2" | "rank3";

export function rankOf(price: number): Rank {
  if (price < RANK_PRICES[0]) return "rank1";
  return price < RANK_PRICES[1] ? "rank2" : "rank3";
}

const countsType = types.record({
  total: types.int,
  rank1: types.int,
  rank2: types.int,
  rank3: types.int,
});
type Counts = ValueOf<typeof countsType>;

/** The fields that both queries have, by the names of what they count. */
export const statisticsFields = { bids: countsType, bidders: countsType, auctions: countsType };
export type Statistics = Readonly<Record<keyof typeof statisticsFields, Counts>>;

const idsType = types.set(types.int);
const distinctType = types.record({
  total: idsType,
  rank1: idsType,
  rank2: idsType,
  rank3: idsType,
});
export const tallyType = types.record({
  bids: countsType,
  bidders: distinctType,
  auctions: distinctType,
});
type Distinct = Record<keyof Counts, Set<number>>;
/** Changed in place by every bid. */
export type Tally = { bids: Record<keyof Counts, number>; bidders: Distinct; auctions: Distinct };

export const emptyTally = (): Tally => ({
  bids: { total: 0, rank1: 0, rank2: 0, rank3: 0 },
  bidders: noIds(),
  auctions: noIds(),
});

export function addBid({ price, bidder, auction }: Bid, tally: Tally): Tally {
  for (const column of ["total", rankOf(price)] as const) {
    tally.bids[column]++;
    tally.bidders[column].add(bidder);
    tally.auctions[column].add(auction);
  }
  return tally;
}

export const statisticsOf = ({ bids, bidders, auctions }: Tally): Statistics => ({
  bids: { ...bids },
  bidders: sizes(bidders),
  auctions: sizes(auctions),
});

const noIds = (): Distinct => ({
  total: new Set(),
  rank1: new Set(),
  rank2: new Set(),
  rank3: new Set(),
});

const sizes = ({ total, rank1, rank2, rank3 }: Distinct): Counts => ({
  total: total.size,
  rank1: rank1.size,
  rank2: rank2.size,
  rank3: rank3.size,
});
