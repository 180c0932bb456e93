/** What the jobs of NexMark have in common: their sources, their settings, and their sink. */
import {
  WatermarkStrategy,
  job,
  ledger,
  logSource,
  memoryBackend,
  type LogicalGraph,
  type OperatorStream,
  type StreamEnvironment,
} from "../../../src/index.ts";
import {
  OUT_OF_ORDER_MS_MAX,
  auctionType,
  bidType,
  personType,
  type Auction,
  type Bid,
  type Person,
} from "../../data/nexmark.ts";

/** Every query has one sink. */
export const RESULTS = "results";
export const results = ledger(RESULTS);

const watermarks = WatermarkStrategy.forBoundedOutOfOrderness(OUT_OF_ORDER_MS_MAX);

/** The job of one query, "q5": what is the same for all is set. */
export const nexmarkJob = (query: string, write: (env: StreamEnvironment) => void): LogicalGraph =>
  job(`nexmark-${query}`, (env) => {
    env.enableCheckpointing({ intervalMs: 700 });
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
    write(env);
  });

export const persons = (env: StreamEnvironment): OperatorStream<Person> =>
  env
    .fromSource(logSource({ topic: "persons", type: personType }), watermarks, "persons")
    .uid("persons");

export const auctions = (env: StreamEnvironment): OperatorStream<Auction> =>
  env
    .fromSource(logSource({ topic: "auctions", type: auctionType }), watermarks, "auctions")
    .uid("auctions");

export const bids = (env: StreamEnvironment): OperatorStream<Bid> =>
  env.fromSource(logSource({ topic: "bids", type: bidType }), watermarks, "bids").uid("bids");
