import { expect, test } from "vitest";
import { types } from "../types/serializers.ts";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { buildPhysicalPlan } from "./build-plan.ts";
import { ledger, logSource, upserts } from "./endpoints.ts";
import { job, type StreamEnvironment } from "./job.ts";
import type { LogicalGraph } from "./logical-graph.ts";
import { ledgerSinks, tableSinks } from "./sinks.ts";

const words = (env: StreamEnvironment) =>
  env.fromSource(logSource({ topic: "in", type: types.string }), WatermarkStrategy.none(), "in");

const outline = ({ nodes }: LogicalGraph): string[] =>
  nodes.map(({ uid, logic, inputs, parallelism }) => {
    const reads = inputs.map(({ node, exchange }) => `${node} ${exchange.kind}`);
    return `${uid}: ${logic.kind} <- [${reads.join()}] ${parallelism}`;
  });

test("a sink with a committer is two operators, in two chains of their own", () => {
  const graph = job("two", (env) => {
    env.setParallelism(3);
    words(env)
      .sinkTo(ledger("out", { committer: { parallelism: 2 } }))
      .uid("sink");
  });
  expect(outline(graph)).toEqual([
    "in-0: source <- [] 3",
    "sink: writer <- [0 forward] 3",
    "sink-committer: committer <- [1 hash] 2",
  ]);
  const chains = buildPhysicalPlan(graph).vertices.map(({ chain }) => chain.length);
  expect(chains).toEqual([1, 1, 1]);
  expect([...ledgerSinks(graph)]).toEqual([["out", types.string]]);
});

test("what is set on such a sink is set on both, but for a parallelism of the committer's own", () => {
  const graph = job("both", (env) => {
    const settings = { parallelism: 4, maxParallelism: 64 };
    for (const committer of [{}, { parallelism: 1 }]) {
      words(env)
        .sinkTo(ledger("out", { committer }))
        .setParallelism(settings.parallelism)
        .setMaxParallelism(settings.maxParallelism)
        .name("results");
    }
  });
  const sinks = graph.nodes.filter(({ logic }) => logic.kind !== "source");
  expect(
    sinks.map(({ name, parallelism, maxParallelism }) => [name, parallelism, maxParallelism]),
  ).toEqual([
    ["results", 4, 64],
    ["results committer", 4, 64],
    ["results", 4, 64],
    ["results committer", 1, 64],
  ]);
});

test("rows of a table come by key, whatever exchange was chosen before", () => {
  const graph = job("table", (env) => {
    env.setParallelism(2);
    const first = upserts("last", { key: (word: string) => word, keyType: types.string });
    words(env).rebalance().sinkTo(first).uid("sink");
  });
  expect(outline(graph)).toEqual(["in-0: source <- [] 2", "sink: table <- [0 hash] 2"]);
  const [, { logic }] = graph.nodes as [unknown, LogicalGraph["nodes"][number]];
  expect(logic).toMatchObject({ table: "last", guarantee: "exactly-once" });
  expect([...tableSinks(graph)]).toEqual([["last", types.string]]);
});

test("one sink that gets rows of two types is our mistake to notice", () => {
  const graph = job("torn", (env) => {
    words(env).sinkTo(ledger("out"));
    words(env)
      .map((word) => word.length, types.int)
      .sinkTo(ledger("out"));
  });
  expect(() => ledgerSinks(graph)).toThrow('sink "out" gets rows of type int and string');
});

test("a sink without a name is refused", () => {
  const write = (env: StreamEnvironment): void => {
    words(env).sinkTo(ledger("", { committer: {} }));
  };
  expect(() => job("nameless", write)).toThrow("the name of its ledger sink is empty");
});
