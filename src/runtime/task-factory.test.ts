import { expect, test } from "vitest";
import { asCheckpointId, asLeaderEpoch, asProcessId, attemptOf } from "../core/ids.ts";
import { buildPhysicalPlan } from "../graph/build-plan.ts";
import { ledger, logSource } from "../graph/endpoints.ts";
import { job } from "../graph/job.ts";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { types } from "../types/serializers.ts";
import { BufferPool } from "./buffer-pool.ts";
import { createSubtask } from "./task-factory.ts";
import { RuntimeHost, testOptions } from "./testing.ts";
import { ElementWriter } from "./wire.ts";

const plan = buildPhysicalPlan(
  job("j", (env) => {
    env.setParallelism(2);
    env
      .fromSource(
        logSource({ topic: "lines", type: types.string }),
        WatermarkStrategy.none(),
        "lines",
      )
      .keyBy((line) => line, types.string)
      .process(() => ({
        processElement: () => {
          throw new RangeError("no such word");
        },
      }))
      .uid("count")
      .sinkTo(ledger("counts"));
  }),
);

function create(vertex: number, subtask: number) {
  const host = new RuntimeHost();
  const created = createSubtask(
    {
      host,
      plan,
      options: testOptions,
      pool: new BufferPool(testOptions.bufferBytes),
      attempt: attemptOf(asLeaderEpoch(2), 3),
      restoredFrom: asCheckpointId(0),
      vertex,
      subtask,
    },
    { onStateChanged: () => undefined, onAcknowledge: () => undefined, onDecline: () => undefined },
  );
  return { host, subtask: created };
}

test("[C119] the names of channels carry the attempt, and both ends derive the same ones", () => {
  const sender = create(0, 1);
  expect([...sender.host.channels.listening.keys()]).toEqual(["j/2.3/0/1>0", "j/2.3/0/1>1"]);
  const receiver = create(1, 0);
  receiver.subtask.connect({ processOf: () => asProcessId("tm-1") });
  expect(receiver.host.channels.connected).toEqual(["j/2.3/0/0>0", "j/2.3/0/1>0"]);
});

test("user code that fails, fails the task under its operator's name", () => {
  const { host, subtask } = create(1, 0);
  for (const from of [0, 1]) {
    host.channels.listen(`j/2.3/0/${from}>0`, {
      onConnected: (connection) => {
        const writer = new ElementWriter();
        writer.record("whale", 0, types.string);
        const bytes = writer.scratch.toBytes();
        connection.send({ bytes, start: 0, end: bytes.length, event: false });
      },
      onCredit: () => undefined,
      onBroken: () => undefined,
    });
  }
  subtask.open([], false);
  subtask.connect({ processOf: () => asProcessId("tm-0") });
  subtask.run();
  host.advanceMs(5);
  expect(subtask.state).toBe("failed");
  expect(subtask.why).toMatch(/operator "count" failed .*"whale".*RangeError: no such word/);
});

test("a source that has no topic to read fails its task, and says so", () => {
  const { host, subtask } = create(0, 0);
  subtask.open([], false);
  subtask.run();
  const splits = [{ partition: 0, offset: 0 }];
  subtask.assign([{ number: 1, after: 0, splits, noMore: true }]);
  host.world.answer({ ok: false, error: { kind: "unknown-topic", topic: "lines" } });
  expect(subtask.state).toBe("failed");
  expect(subtask.why).toMatch(/source "lines.*lines/);
});
