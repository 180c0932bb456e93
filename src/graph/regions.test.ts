import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { types } from "../types/serializers.ts";
import { buildPhysicalPlan } from "./build-plan.ts";
import { ledger, logSource } from "./endpoints.ts";
import { job, type StreamEnvironment } from "./job.ts";
import type { LogicalGraph } from "./logical-graph.ts";
import { regionsOf } from "./regions.ts";

const linesOf = (env: StreamEnvironment, name: string, group?: string) => {
  const alignment = group === undefined ? undefined : { group, driftMsMax: 10 };
  const watermarks = WatermarkStrategy.forMonotonousTimestamps<string>({ alignment });
  return env.fromSource(logSource({ topic: name, type: types.string }), watermarks, name);
};

/** "0: a, c; 1: b": by region, the heads of its vertices. */
const outline = (graph: LogicalGraph): string =>
  regionsOf(buildPhysicalPlan(graph))
    .map(({ index, vertices }) => `${index}: ${vertices.map((v) => v.chain[0]!.uid).join(", ")}`)
    .join("; ");

describe("[C118] [RN1] regions", () => {
  test("are what channels join", () => {
    const graph = job("j", (env) => {
      const a = linesOf(env, "a");
      const b = linesOf(env, "b");
      a.rebalance().map((x) => x).uid("a2").sinkTo(ledger("x")); // prettier-ignore
      b.rebalance().map((x) => x).uid("b2").sinkTo(ledger("y")); // prettier-ignore
    });
    expect(outline(graph)).toBe("0: a-0, a2; 1: b-1, b2");
  });

  test("that meet in one operator are one", () => {
    const graph = job("j", (env) => {
      const both = linesOf(env, "a").union(linesOf(env, "b"));
      const joined = both.map((x) => x).uid("both");
      joined.sinkTo(ledger("x"));
      linesOf(env, "c").sinkTo(ledger("y"));
    });
    expect(outline(graph)).toBe("0: a-0, b-1, both; 1: c-4");
  });

  test("of sources that wait for one another are one", () => {
    const graph = job("j", (env) => {
      linesOf(env, "a", "together").sinkTo(ledger("x"));
      linesOf(env, "b").sinkTo(ledger("y"));
      linesOf(env, "c", "together").sinkTo(ledger("z"));
    });
    expect(outline(graph)).toBe("0: a-0, c-4; 1: b-2");
  });
});

/** Five pipelines, of which pairs are joined. */
const joined = (pairs: readonly (readonly [number, number])[], parallelism: number) =>
  job("j", (env) => {
    env.setParallelism(parallelism);
    env.setMaxParallelism(16);
    const streams = [0, 1, 2, 3, 4].map((i) => linesOf(env, `s${i}`));
    for (const [a, b] of pairs) {
      streams[a]!.union(streams[b]!)
        .rebalance()
        .sinkTo(ledger(`${a}-${b}`));
    }
    streams.forEach((stream, i) => stream.map((x) => x).sinkTo(ledger(`out-${i}`)));
  });

test("[RN1] [RN2] every vertex has one, edges stay within, and parallelism moves no source", () => {
  const source = fc.integer({ min: 0, max: 4 });
  const pairs = fc.array(
    fc.tuple(source, source).filter(([a, b]) => a !== b),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(pairs, fc.integer({ min: 1, max: 3 }), (drawn, parallelism) => {
      const plan = buildPhysicalPlan(joined(drawn, parallelism));
      const regions = regionsOf(plan);
      const regionOf = (vertex: number): number[] =>
        regions.filter((r) => r.vertices.some((v) => v.index === vertex)).map((r) => r.index);
      for (const { index } of plan.vertices) expect(regionOf(index)).toHaveLength(1);
      for (const { from, to } of plan.edges) expect(regionOf(from)).toEqual(regionOf(to));
      const sources = (graph: LogicalGraph): string[] =>
        regionsOf(buildPhysicalPlan(graph)).map(({ vertices }) =>
          vertices
            .flatMap(({ chain }) =>
              chain.flatMap((n) => (n.logic.kind === "source" ? [n.uid] : [])),
            )
            .join(),
        );
      expect(sources(joined(drawn, parallelism))).toEqual(sources(joined(drawn, 4)));
    }),
    { seed: 118, numRuns: 60 },
  );
});
