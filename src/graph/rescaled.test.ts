import { describe, expect, test } from "vitest";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { types } from "../types/serializers.ts";
import { buildPhysicalPlan } from "./build-plan.ts";
import { ledger, logSource } from "./endpoints.ts";
import { job } from "./job.ts";
import { rescaledGraph, rescaledPlan } from "./rescaled.ts";

/** lines -> (forward) lower -> (hash) count -> (rebalance) sink */
const graph = job("j", (env) => {
  env.setMaxParallelism(8);
  env.setParallelism(2);
  env
    .fromSource(logSource({ topic: "t", type: types.string }), WatermarkStrategy.none(), "lines")
    .uid("lines")
    .map((line) => line.toLowerCase())
    .uid("lower")
    .keyBy((line) => line, types.string)
    .process(() => ({ processElement: (line, _, out) => out.collect(line) }), types.string)
    .uid("count")
    .rebalance()
    .sinkTo(ledger("out"))
    .uid("sink");
});
const plan = buildPhysicalPlan(graph);
const to = (uid: string, parallelism: number) => ({ uid, parallelism });

describe("[C56] [PX1] [PX2] a job with other parallelism", () => {
  test("is the same job otherwise", () => {
    const rescaled = rescaledGraph(graph, [to("count", 5), to("sink", 1)]);
    const expected = [2, 2, 5, 1].map((parallelism, i) => ({ ...graph.nodes[i], parallelism }));
    expect(rescaled).toEqual({ ok: true, value: { ...graph, nodes: expected } });
  });

  test("comes back to what it was", () => {
    const there = rescaledPlan(plan, [to("count", 5)]);
    const back = there.ok ? rescaledPlan(there.value, [to("count", 2)]) : there;
    expect(back).toEqual({ ok: true, value: plan });
  });

  test("keeps its operators apart where the plan did", () => {
    const apart = buildPhysicalPlan(graph, { chaining: false });
    const rescaled = rescaledPlan(apart, [to("lines", 3), to("lower", 3)]);
    const vertices = rescaled.ok ? rescaled.value.vertices : [];
    expect(vertices.map(({ parallelism }) => parallelism)).toEqual([3, 3, 2, 2]);
  });

  test("is refused with every reason, where it could not have been written", () => {
    const refused = rescaledPlan(plan, [to("lines", 3), to("count", 9), to("sing", 1)]);
    expect(refused).toEqual({
      ok: false,
      error:
        'the job has no operator "sing"; it has lines, lower, count, sink; ' +
        'operator "lower" reads "lines" subtask by subtask (forward), so both need one ' +
        "parallelism: rescale both, not to 2 and 3; " +
        'operator "count": parallelism 9 exceeds maxParallelism 8; ' +
        "use at most 8, or raise maxParallelism and start without a checkpoint",
    });
  });

  test("that nobody asked for is the plan itself", () => {
    expect(rescaledPlan(plan, [])).toEqual({ ok: true, value: plan });
    expect(rescaledPlan(plan, [to("sink", 0)]).ok).toBe(false);
  });
});
