import { expect, test } from "vitest";
import { buildPhysicalPlan } from "../graph/build-plan.ts";
import { ledger, logSource } from "../graph/endpoints.ts";
import { job } from "../graph/job.ts";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { types } from "../types/serializers.ts";
import { channelOriginOf } from "./channel-origin.ts";

const graph = job("j", (env) => {
  env.setParallelism(2);
  const words = env
    .fromSource(
      logSource({ topic: "words", type: types.string }),
      WatermarkStrategy.none(),
      "words",
    )
    .uid("words");
  const all = words
    .rebalance()
    .union(words.shuffle(), words.rescale(), words.broadcast())
    .map((word) => word)
    .uid("all");
  all.sinkTo(ledger("all")).uid("sink");
  words
    .rebalance()
    .union(words.rebalance())
    .map((word) => word)
    .uid("twice")
    .sinkTo(ledger("twice"))
    .uid("twice-sink");
});
const plan = buildPhysicalPlan(graph);
const originsTo = (uid: string) =>
  plan.edges
    .filter((edge) => plan.vertices[edge.to]!.chain[0]!.uid === uid)
    .map((edge) => ({ kind: edge.exchange.kind, origin: channelOriginOf(plan, edge, 1, 0) }));

test("[C19] channels of pointwise and broadcast exchanges have no name, for nothing overtakes there", () => {
  const named = originsTo("all").map(({ kind, origin }) => [kind, origin !== undefined]);
  expect(named).toEqual([
    ["rebalance", true],
    ["shuffle", true],
    ["rescale", false],
    ["broadcast", false],
  ]);
});

test("edges that are alike are told apart by their order, and named by their operators", () => {
  const ends = { from: "words", to: "twice", input: 0, tag: "", sender: 1, receiver: 0 };
  const counts = { senders: 2, receivers: 2 };
  expect(originsTo("twice").map(({ origin }) => origin)).toEqual([
    { ...ends, ...counts, twin: 0 },
    { ...ends, ...counts, twin: 1 },
  ]);
});
