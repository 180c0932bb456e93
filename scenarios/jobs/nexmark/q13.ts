/**
 * NexMark q13, bounded side input join: each bid with what a table of fixed rows says of its auction.
 *
 *   bids --> look up, as answers come --> ledger
 *
 * The table lies with a service, as a lookup join has it. A key that the table lacks has no row.
 */
import { types, type LogicalGraph, type ServiceSpec, type ValueOf } from "../../../src/index.ts";
import type { Bid } from "../../data/nexmark.ts";
import { bids, nexmarkJob, results } from "./streams.ts";
import { SIDE_INPUT, SIDE_INPUT_KEYS } from "./side-input.ts";

const sideInput: ServiceSpec<number, string | undefined> = {
  name: "side-input",
  request: types.int,
  response: types.optional(types.string),
  answer: (key) => SIDE_INPUT.get(key),
};

const enrichedBidType = types.record({
  auction: types.int,
  bidder: types.int,
  price: types.int,
  atMs: types.long,
  value: types.string,
});
export type EnrichedBid = ValueOf<typeof enrichedBidType>;

export const q13 = (): LogicalGraph =>
  nexmarkJob("q13", (env) => {
    bids(env)
      .async<number, string | undefined, EnrichedBid>({
        service: sideInput,
        request: ({ auction }: Bid) => auction % SIDE_INPUT_KEYS,
        result({ auction, bidder, price, atMs }, value, out) {
          if (value !== undefined) out.collect({ auction, bidder, price, atMs, value });
        },
        order: "unordered",
        timeoutMs: 3_000,
        retry: { attemptsMax: 100, delayMs: 20 },
        outputType: enrichedBidType,
      })
      .uid("look-up")
      .sinkTo(results)
      .uid("results");
  });
