/**
 * NexMark q3, local item suggestion: who sells in Oregon, Idaho or California in category 10, and in
 * which auctions?
 *
 *   persons  --those states---> hash(id) -----\
 *                                              inner join --> ledger
 *   auctions --that category--> hash(seller)--/
 *
 * A join of two tables that only grow, so all that comes out of it is inserted.
 */
import { types, type LogicalGraph, type ValueOf } from "../../../src/index.ts";
import { auctionType, personType } from "../../data/nexmark.ts";
import { inserted } from "./inserted.ts";
import { auctions, nexmarkJob, persons, results } from "./streams.ts";

const CATEGORY = 10;
const STATES: readonly string[] = ["OR", "ID", "CA"];

const suggestionType = types.record({
  name: types.string,
  city: types.string,
  state: types.string,
  auction: types.int,
});
export type Suggestion = ValueOf<typeof suggestionType>;

export const q3 = (): LogicalGraph =>
  nexmarkJob("q3", (env) => {
    const local = persons(env)
      .filter(({ state }) => STATES.includes(state))
      .uid("local-persons");
    const fitting = auctions(env)
      .filter(({ category }) => category === CATEGORY)
      .uid("fitting-auctions");
    inserted(local, personType)
      .uid("person-rows")
      .keyBy(({ row }) => row.id, types.int)
      .join(
        inserted(fitting, auctionType)
          .uid("auction-rows")
          .keyBy(({ row }) => row.seller, types.int),
        { kind: "inner", types: [personType, auctionType] },
      )
      .uid("join")
      .flatMap<Suggestion>(({ row: { left, right } }, out) => {
        if (left === undefined || right === undefined) return;
        const { name, city, state } = left;
        out.collect({ name, city, state, auction: right.id });
      }, suggestionType)
      .uid("suggest")
      .sinkTo(results)
      .uid("results");
  });
