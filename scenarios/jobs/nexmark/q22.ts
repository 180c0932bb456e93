/** NexMark q22, get URL directories: each bid with the first three folders of its url. */
import { types, type LogicalGraph, type ValueOf } from "../../../src/index.ts";
import { bids, nexmarkJob, results } from "./streams.ts";

const withFoldersType = types.record({
  auction: types.int,
  bidder: types.int,
  price: types.int,
  channel: types.string,
  dir1: types.optional(types.string),
  dir2: types.optional(types.string),
  dir3: types.optional(types.string),
});
export type WithFolders = ValueOf<typeof withFoldersType>;

export const q22 = (): LogicalGraph =>
  nexmarkJob("q22", (env) => {
    bids(env)
      .map(({ auction, bidder, price, channel, url }): WithFolders => {
        // Behind the scheme, the empty part between the slashes, and the host.
        const [, , , dir1, dir2, dir3] = url.split("/");
        return { auction, bidder, price, channel, dir1, dir2, dir3 };
      }, withFoldersType)
      .uid("take-apart")
      .sinkTo(results)
      .uid("results");
  });
