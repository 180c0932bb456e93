/**
 * NexMark q8, monitor new users: who has signed up and opened an auction within the same ten seconds?
 *
 *   persons  --hash(id)-----\
 *                            both in one window --> ledger
 *   auctions --hash(seller)-/
 */
import { tumblingWindows, types, type LogicalGraph, type ValueOf } from "../../../src/index.ts";
import type { Auction } from "../../data/nexmark.ts";
import { auctions, nexmarkJob, persons, results } from "./streams.ts";

const newSellerType = types.record({ id: types.int, name: types.string, startMs: types.long });
export type NewSeller = ValueOf<typeof newSellerType>;

export const q8 = (): LogicalGraph =>
  nexmarkJob("q8", (env) => {
    persons(env)
      .keyBy(({ id }) => id, types.int)
      .coGroup<Auction, NewSeller>(
        auctions(env).keyBy(({ seller }) => seller, types.int),
        {
          assigner: tumblingWindows({ sizeMs: 10_000 }),
          apply: (newcomers, opened, { window: { startMs } }, out) => {
            if (opened.length === 0) return;
            for (const { id, name } of newcomers) out.collect({ id, name, startMs });
          },
          outputType: newSellerType,
        },
      )
      .uid("new-sellers")
      .sinkTo(results)
      .uid("results");
  });
