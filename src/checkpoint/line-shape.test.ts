import { expect, test } from "vitest";
import { buildPhysicalPlan } from "../graph/build-plan.ts";
import { ledger, logSource } from "../graph/endpoints.ts";
import { job } from "../graph/job.ts";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { types } from "../types/serializers.ts";
import { lineShapeOf } from "./line-shape.ts";

const plan = buildPhysicalPlan(
  job("j", (env) => {
    env
      .fromSource(logSource({ topic: "t", type: types.string }), WatermarkStrategy.none(), "lines")
      .uid("lines")
      .setParallelism(2)
      .rebalance()
      .map((line) => line)
      .uid("copy")
      .setParallelism(3)
      .sinkTo(ledger("out"))
      .setParallelism(3);
  }),
);

test("each channel is a flow that its sender and its receiver count in their own order", () => {
  const { tasks, enumerators, flows } = lineShapeOf(plan);
  expect(tasks.map(({ vertex, subtask }) => `${vertex}/${subtask}`)).toEqual([
    ...["0/0", "0/1", "1/0", "1/1", "1/2"],
  ]);
  expect(enumerators).toEqual([{ uid: "lines", vertex: 0 }]);
  const logged = flows.filter((flow) => flow.logged);
  expect(logged).toHaveLength(6);
  for (const { sender, sentAt, receiver, receivedAt } of logged) {
    expect([sentAt, receivedAt]).toEqual([receiver - 2, sender]);
  }
});

test("splits flow from an enumerator to each of its readers, and no log has them", () => {
  const splits = lineShapeOf(plan).flows.filter(({ logged }) => !logged);
  expect(splits).toEqual([
    { sender: 5, sentAt: 0, receiver: 0, receivedAt: 0, logged: false },
    { sender: 5, sentAt: 1, receiver: 1, receivedAt: 0, logged: false },
  ]);
});

test("each source has an enumerator of its own, behind all tasks", () => {
  const two = buildPhysicalPlan(
    job("j", (env) => {
      for (const name of ["lines", "words"]) {
        env
          .fromSource(
            logSource({ topic: name, type: types.string }),
            WatermarkStrategy.none(),
            name,
          )
          .uid(name)
          .sinkTo(ledger(`${name}-out`));
      }
    }),
  );
  const { tasks, enumerators, flows } = lineShapeOf(two);
  expect(enumerators.map(({ uid }) => uid)).toEqual(["lines", "words"]);
  const splits = flows.filter(({ logged }) => !logged);
  expect(splits.map(({ sender }) => sender)).toEqual([tasks.length, tasks.length + 1]);
  const readers = splits.map(({ receiver }) => tasks[receiver]!.vertex);
  expect(readers).toEqual(enumerators.map(({ vertex }) => vertex));
});
