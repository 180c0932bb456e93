/**
 * NexMark q23, expand bid with person and auction: each bid of someone who sells as well, with who that is
 * and each auction of theirs.
 *
 *   bids -----hash(bidder)--\
 *                            join --hash(bidder)--\
 *   persons --hash(id)------/                      join --> ledger
 *   auctions -hash(seller)------------------------/
 *
 * All three may come in any order and wait for ever: a bid may be made before its bidder has signed up.
 * The second join keeps what the first one put out, so what one of them has lost or has twice goes on
 * through the other.
 */
import { types, type LogicalGraph, type ValueOf } from "../../../src/index.ts";
import {
  auctionType,
  bidType,
  personType,
  type Auction,
  type Bid,
  type Person,
} from "../../data/nexmark.ts";
import { inserted } from "./inserted.ts";
import { auctions, bids, nexmarkJob, persons, results } from "./streams.ts";

const personsBidType = types.record({ bid: bidType, person: personType });
type PersonsBid = ValueOf<typeof personsBidType>;

const expandedType = types.record({ bid: bidType, person: personType, auction: auctionType });
export type Expanded = ValueOf<typeof expandedType>;

export const q23 = (): LogicalGraph =>
  nexmarkJob("q23", (env) => {
    const bidsOfPersons = inserted(bids(env), bidType)
      .uid("bid-rows")
      .keyBy(({ row }) => row.bidder, types.int)
      .join<Bid, Person>(
        inserted(persons(env), personType)
          .uid("person-rows")
          .keyBy(({ row }) => row.id, types.int),
        { kind: "inner", types: [bidType, personType] },
      )
      .uid("join-persons")
      .map(({ row }): PersonsBid => ({ bid: row.left!, person: row.right! }), personsBidType)
      .uid("with-person");
    inserted(bidsOfPersons, personsBidType)
      .uid("persons-bid-rows")
      .keyBy(({ row }) => row.bid.bidder, types.int)
      .join<PersonsBid, Auction>(
        inserted(auctions(env), auctionType)
          .uid("auction-rows")
          .keyBy(({ row }) => row.seller, types.int),
        { kind: "inner", types: [personsBidType, auctionType] },
      )
      .uid("join-auctions")
      .map(({ row }): Expanded => ({ ...row.left!, auction: row.right! }), expandedType)
      .uid("with-auction")
      .sinkTo(results)
      .uid("results");
  });
