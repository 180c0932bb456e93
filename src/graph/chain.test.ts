import { expect, test } from "vitest";
import { ok } from "../core/result.ts";
import { logBatch, TestHost } from "../host/testing.ts";
import { RecordingOutput, testContext } from "../operators/testing.ts";
import { types } from "../types/serializers.ts";
import { buildPhysicalPlan } from "./build-plan.ts";
import { createChain } from "./chain.ts";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { ledger, logSource } from "./endpoints.ts";
import { job } from "./job.ts";

type Box = { value: string };
const box = types.record({ value: types.string });

test("a chain hands records from its source to its outputs, watermarks included", () => {
  const graph = job("chain", (env) => {
    env
      .fromSource(
        logSource({ topic: "lines", type: types.string }),
        WatermarkStrategy.forBoundedOutOfOrderness(5),
        "lines",
      )
      .flatMap<string>((line, out) => line.split(" ").forEach((word) => out.collect(word)))
      .filter((word) => word !== "the")
      .rebalance()
      .sinkTo(ledger("words"));
  });
  const [vertex] = buildPhysicalPlan(graph).vertices;
  const output = new RecordingOutput();
  const chain = createChain(vertex!.chain, output);
  expect(chain.operators).toHaveLength(2);
  const host = new TestHost();
  for (const operator of chain.operators) operator.open(testContext(host), []);
  chain.source!.open(testContext(host), [], chain.heads[0]!);
  chain.source!.assign({ splits: [{ partition: 0, offset: 0 }], noMore: true });
  host.answer(ok(logBatch(types.string, 0, [["call the whale", 9]])));
  chain.source!.poll(5);
  expect(output.take()).toEqual(["call@9", "whale@9", "~3"]);
});

test("the nodes behind a source make a chain without it; none make none", () => {
  const graph = job("tail", (env) => {
    env
      .fromSource(logSource({ topic: "t", type: types.string }), WatermarkStrategy.none(), "t")
      .sinkTo(ledger("out"));
  });
  const output = new RecordingOutput();
  const tail = createChain(graph.nodes.slice(1), output);
  expect([tail.source, tail.operators.length]).toEqual([undefined, 1]);
  expect(createChain([], output).heads[0]).toBe(output);
});

test("an operator cannot change what the one before it has kept", () => {
  const kept: Box[] = [];
  const graph = job("aliasing", (env) => {
    env
      .fromSource(logSource({ topic: "t", type: types.string }), WatermarkStrategy.none(), "t")
      .map((value): Box => {
        const made = { value };
        kept.push(made);
        return made;
      }, box)
      .map((made): Box => {
        made.value = "changed";
        return made;
      }, box)
      .rebalance()
      .sinkTo(ledger("out"));
  });
  const output = new RecordingOutput();
  createChain(graph.nodes.slice(1, 3), output).heads[0]!.emit("as it was", 1);
  expect(kept).toEqual([{ value: "as it was" }]);
  expect(output.take()).toEqual(['{"value":"changed"}@1']);
});
