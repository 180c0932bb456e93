import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asSubtaskIndex } from "../core/ids.ts";
import { types } from "../types/serializers.ts";
import { buildPhysicalPlan, inputChannels, outputChannels } from "./build-plan.ts";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { ledger, logSource } from "./endpoints.ts";
import type { LogicalGraph } from "./logical-graph.ts";
import type { PhysicalPlan } from "./physical-plan.ts";
import { job, type StreamEnvironment } from "./job.ts";
import type { DataStream } from "./stream.ts";

const linesOf = (env: StreamEnvironment, name = "lines") =>
  env.fromSource(logSource({ topic: name, type: types.string }), WatermarkStrategy.none(), name);

const outline = (plan: PhysicalPlan): string[] => [
  ...plan.vertices.map(
    ({ index, chain, parallelism }) =>
      `${index}: ${chain.map(({ uid }) => uid).join(" -> ")} x${parallelism}`,
  ),
  ...plan.edges.map(({ index, from, to, exchange }) => `e${index}: ${from} ${exchange.kind} ${to}`),
];

const wordCount = (parallelism: number): LogicalGraph =>
  job("word-count", (env) => {
    env.setParallelism(parallelism);
    linesOf(env)
      .flatMap<string>((line, out) => line.split(" ").forEach((word) => out.collect(word)))
      .keyBy((word) => word)
      .process(() => ({ processElement: (word, _, out) => out.collect(word) }))
      .sinkTo(ledger("counts"));
  });

describe("chaining", () => {
  test("fuses what is forward, and cuts at the hash", () => {
    expect(outline(buildPhysicalPlan(wordCount(2)))).toEqual([
      "0: lines-0 -> flat-map-1 x2",
      "1: process-2 -> sink-3 x2",
      "e0: 0 hash 1",
    ]);
    expect(buildPhysicalPlan(wordCount(2)).subtaskCount).toBe(4);
  });

  test("switched off, every operator stands alone", () => {
    expect(outline(buildPhysicalPlan(wordCount(1), { chaining: false }))).toEqual([
      "0: lines-0 x1",
      "1: flat-map-1 x1",
      "2: process-2 x1",
      "3: sink-3 x1",
      "e0: 0 forward 1",
      "e1: 1 hash 2",
      "e2: 2 forward 3",
    ]);
  });

  test("a producer with two consumers is fused with neither", () => {
    const graph = job("fork", (env) => {
      const lines = linesOf(env);
      lines.map(() => 1).sinkTo(ledger("a"));
      lines.sinkTo(ledger("b"));
    });
    expect(outline(buildPhysicalPlan(graph))).toEqual([
      "0: lines-0 x1",
      "1: map-1 -> sink-2 x1",
      "2: sink-3 x1",
      "e0: 0 forward 1",
      "e1: 0 forward 2",
    ]);
  });

  test("a union is fused with none of its inputs, and sources come first", () => {
    const graph = job("union", (env) => {
      const left = linesOf(env, "left")
        .filter(() => true)
        .startNewChain();
      const right = linesOf(env, "right").filter(() => true);
      left.union(right).sinkTo(ledger("out"));
    });
    expect(outline(buildPhysicalPlan(graph))).toEqual([
      "0: left-0 x1",
      "1: right-2 -> filter-3 x1",
      "2: filter-1 x1",
      "3: sink-4 x1",
      "e0: 0 forward 2",
      "e1: 2 forward 3",
      "e2: 1 forward 3",
    ]);
  });

  test("startNewChain cuts before, disableChaining on both sides", () => {
    const graph = job("cuts", (env) => {
      linesOf(env)
        .map((line) => line)
        .startNewChain()
        .map((line) => line)
        .map((line) => line)
        .disableChaining()
        .map((line) => line)
        .sinkTo(ledger("out"));
    });
    expect(outline(buildPhysicalPlan(graph)).slice(0, 4)).toEqual([
      "0: lines-0 x1",
      "1: map-1 -> map-2 x1",
      "2: map-3 x1",
      "3: map-4 -> sink-5 x1",
    ]);
  });

  test("other parallelism, max parallelism or exchange cuts", () => {
    const graph = job("differences", (env) => {
      const lines = linesOf(env).setParallelism(2);
      const wide = lines
        .map((line) => line)
        .setParallelism(2)
        .setMaxParallelism(64);
      wide
        .map((line) => line)
        .rebalance()
        .map((line) => line)
        .sinkTo(ledger("out"));
    });
    expect(buildPhysicalPlan(graph).vertices.map(({ chain }) => chain.length)).toEqual([
      1, 1, 1, 2,
    ]);
  });
});

describe("channels", () => {
  test("a hash edge leads to every subtask, a forward edge to its own", () => {
    const plan = buildPhysicalPlan(wordCount(3), { chaining: false });
    const [forward, hash] = plan.edges;
    expect(outputChannels(plan, forward!, asSubtaskIndex(1))).toEqual([1]);
    expect(outputChannels(plan, hash!, asSubtaskIndex(1))).toEqual([0, 1, 2]);
    const origins = (vertex: number, subtask: number) =>
      inputChannels(plan, plan.vertices[vertex]!, asSubtaskIndex(subtask)).map(
        ({ edge, fromSubtask }) => `e${edge.index}/${fromSubtask}`,
      );
    expect(origins(0, 2)).toEqual([]);
    expect(origins(1, 2)).toEqual(["e0/2"]);
    expect(origins(2, 2)).toEqual(["e1/0", "e1/1", "e1/2"]);
  });
});

/** A job of a few operators, each reading some of those before it, in some way. */
function drawnJob(draws: readonly (readonly [from: number, way: number, width: number])[]) {
  return job("drawn", (env) => {
    const streams: DataStream<string>[] = [linesOf(env, "a"), linesOf(env, "b").setParallelism(2)];
    for (const [from, way, parallelism] of draws) {
      const input = streams[from % streams.length]!;
      const other = streams[way % streams.length]!;
      const ways = [input, input.rebalance(), input.broadcast(), input.union(other)];
      streams.push(ways[way % 4]!.map((line) => line).setParallelism(parallelism));
    }
    for (const stream of streams) stream.sinkTo(ledger("out"));
    streams.at(-1)!.sinkTo(ledger("last"));
  });
}

test("[PP1] [PP2] [PP3] any job: every operator once, edges upward, both ends agree", () => {
  const draw = fc.tuple(fc.nat(9), fc.nat(9), fc.integer({ min: 1, max: 3 }));
  fc.assert(
    fc.property(fc.array(draw, { maxLength: 8 }), fc.boolean(), (draws, chaining) => {
      const graph = drawnJob(draws);
      const plan = buildPhysicalPlan(graph, { chaining });
      const ids = plan.vertices.flatMap(({ chain }) => chain.map(({ id }) => id));
      expect([...ids].sort((a, b) => a - b)).toEqual(graph.nodes.map(({ id }) => id));
      for (const edge of plan.edges) {
        expect(edge.from).toBeLessThan(edge.to);
        const [from, to] = [plan.vertices[edge.from]!, plan.vertices[edge.to]!];
        expect(from.outputs).toContain(edge);
        const sent = Array.from({ length: from.parallelism }, (_, i) =>
          outputChannels(plan, edge, asSubtaskIndex(i)).map((j) => `${i}>${j}`),
        ).flat();
        const received = Array.from({ length: to.parallelism }, (_, j) =>
          inputChannels(plan, to, asSubtaskIndex(j))
            .filter((origin) => origin.edge === edge)
            .map(({ fromSubtask }) => `${fromSubtask}>${j}`),
        ).flat();
        expect(received.sort()).toEqual(sent.sort());
      }
    }),
    { seed: 2, numRuns: 100 },
  );
});
