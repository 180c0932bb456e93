import { describe, expect, test } from "vitest";
import { asAttemptId, asCheckpointId, asOperatorUid } from "../core/ids.ts";
import { err, ok } from "../core/result.ts";
import type { CompletedCheckpoint } from "../checkpoint/checkpoint-metadata.ts";
import { decodeEnumerator } from "../connectors/split-enumerator-state.ts";
import { buildPhysicalPlan } from "../graph/build-plan.ts";
import { regionsOf } from "../graph/regions.ts";
import { ledger, logSource } from "../graph/endpoints.ts";
import { job } from "../graph/job.ts";
import { TestHost } from "../host/testing.ts";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { types } from "../types/serializers.ts";
import type { TaskState } from "./messages.ts";
import { SourceCoordinators, type SourceMessage } from "./source-coordinators.ts";

/** lines (vertex 0, two subtasks) -> sink. */
const plan = buildPhysicalPlan(
  job("j", (env) => {
    const lines = logSource({
      topic: "lines",
      type: types.string,
      start: { kind: "timestamp", timestampMs: 40 },
      discoveryMs: 100,
    });
    env
      .fromSource(lines, WatermarkStrategy.none(), "lines")
      .uid("lines")
      .setParallelism(2)
      .sinkTo(ledger("out"))
      .uid("sink")
      .setParallelism(1);
  }),
);
const vertex = plan.vertices.findIndex(({ chain }) => chain[0]!.logic.kind === "source");

const NOTHING_ELSE = { why: "", culprit: "", levelMs: undefined, suspendedBy: undefined };

function stage() {
  const host = new TestHost();
  const told: string[] = [];
  const failures: string[] = [];
  const coordinators = new SourceCoordinators(host, regionsOf(plan), {
    tell: (message) => void told.push(messageText(message)),
    onFailed: (_region, event) => void failures.push("why" in event ? event.why : event.kind),
  });
  return {
    host,
    coordinators,
    failures,
    take: () => told.splice(0),
    deploy: (attempt: number, checkpoint?: CompletedCheckpoint) =>
      coordinators.deploy(0, asAttemptId(attempt), checkpoint),
    report: (subtask: number, assigned = 0, state: TaskState = "running") =>
      coordinators.onTaskReport({ vertex, subtask, state, ...NOTHING_ELSE, assigned }),
    found: (count: number, final = false) => host.answer(ok({ count, final })),
    located: (...offsets: number[]) => host.answer(ok(offsets)),
  };
}

/** "1/0: 1 [0@5 2@0], 2 after 7 [4@0] no more" */
function messageText(message: SourceMessage): string {
  const { attempt, subtask } = message;
  if (message.kind === "align") return `${attempt}/${subtask}: up to ${message.limitMs}`;
  const texts = message.items.map(({ number, after, splits, noMore }) => {
    const parts = splits.map(({ partition, offset }) => `${partition}@${offset}`).join(" ");
    return `${number}${after > 0 ? ` after ${after}` : ""} [${parts}]${noMore ? " no more" : ""}`;
  });
  return `${attempt}/${subtask}: ${texts.join(", ")}`;
}

/** A stage whose two readers have had partitions 0 and 1. */
function running() {
  const parts = stage();
  parts.deploy(1);
  parts.found(2);
  parts.located(5, 6);
  parts.report(0);
  parts.report(1);
  parts.report(0, 1);
  parts.report(1, 1);
  parts.take();
  parts.host.asked();
  return parts;
}

const id = asCheckpointId;

const checkpointOf = (state: Uint8Array): CompletedCheckpoint => ({
  id: id(3),
  ...{ kind: "checkpoint", name: "", stop: "none", mode: "aligned" },
  attempt: asAttemptId(1),
  jobName: "j",
  vertices: [],
  sources: [{ uid: asOperatorUid("lines"), state }],
});

describe("delivery", () => {
  test("[SN1] [C105] nothing is told to a reader that does not run", () => {
    const { host, deploy, report, found, located, take } = stage();
    deploy(1);
    expect(host.asked()).toEqual(["partitions lines"]);
    found(3);
    expect(host.asked()).toEqual(["offsets lines/0,1,2 at 40 ms"]);
    located(5, 6, 7);
    report(0, 0, "initialized");
    report(1, 0, "failed");
    expect(take()).toEqual([]);
    report(0);
    report(1, 0, "ended");
    expect(take()).toEqual(["1/0: 1 [0@5 2@7]", "1/1: 1 [1@6]"]);
  });

  test("[OB1] [C106] what a report does not confirm is told again", () => {
    const { host, report, found, located, take } = running();
    host.advanceMs(100);
    found(3);
    located(0);
    expect(take()).toEqual(["1/0: 2 [2@0]"]);
    report(1, 1);
    expect(take()).toEqual([]);
    report(0, 1);
    expect(take()).toEqual(["1/0: 2 [2@0]"]);
    report(0, 2);
    report(0, 1); // Overtaken.
    expect(take()).toEqual([]);
  });

  test("requests that time out are repeated; other errors fail the job's attempt", () => {
    const { host, deploy, failures } = stage();
    deploy(1);
    host.answer(err({ kind: "timeout" }));
    host.advanceMs(20);
    expect(host.asked()).toEqual(["partitions lines", "partitions lines"]);
    host.answer(err({ kind: "unknown-topic", topic: "lines" }));
    expect(failures).toEqual(['source "lines": the log has no topic "lines"']);
  });

  test("[SN2] [C119] an attempt that is over neither hears nor says anything", () => {
    const { host, coordinators, deploy, report, found, take } = stage();
    deploy(1);
    report(0);
    deploy(2);
    found(4); // The answer to attempt 1.
    expect([host.openRequests, take()]).toEqual([["partitions lines"], []]);
    found(0);
    expect(take()).toEqual([]); // Reader 0 runs in attempt 1 only.
    coordinators.close(0);
    report(0);
    expect([take(), host.timerCount]).toEqual([[], 0]);
  });
});

describe("checkpoints", () => {
  test("[C104] the enumerator is cut at the trigger, with what is due by then", () => {
    const { host, coordinators, report, found, located, take } = running();
    host.advanceMs(100);
    found(3);
    located(0);
    const [cut] = coordinators.trigger(id(3));
    expect(coordinators.due).toEqual([{ vertex, due: [2, 1] }]);
    host.advanceMs(100);
    found(4, true);
    located(0);
    expect(take()).toEqual([
      "1/0: 2 [2@0]",
      "1/0: 2 [2@0], 3 after 3 [] no more",
      "1/1: 2 after 3 [3@0] no more",
    ]);
    expect(coordinators.due).toEqual([{ vertex, due: [2, 1] }]);
    coordinators.checkpointOver(id(3));
    report(1, 1);
    expect(take()).toEqual(["1/1: 2 [3@0] no more"]);
    const snapshot = decodeEnumerator(cut!.state);
    expect(snapshot).toEqual({ begun: true, exhausted: false, located: 3, unassigned: [] });
  });

  test("[C105] [C107] a new attempt takes up what the checkpoint holds", () => {
    const { host, coordinators, deploy, report, found, located, take } = stage();
    deploy(1);
    found(2);
    located(5, 6);
    report(1);
    const [cut] = coordinators.trigger(id(3));
    report(0); // Assigned behind the cut: the restore must bring it back.
    take();
    deploy(2, checkpointOf(cut!.state));
    expect(host.asked().at(-1)).toBe("partitions lines");
    report(0);
    report(1);
    expect(take()).toEqual(["2/0: 1 [0@5]", "2/1: 1 []"]);
    found(3);
    expect(host.asked()).toEqual(["offsets lines/2 at earliest"]);
  });

  test("[C50] a source that the checkpoint does not know starts afresh", () => {
    const { host, deploy, found } = stage();
    expect(deploy(2, { ...checkpointOf(new Uint8Array()), sources: [] }).ok).toBe(true);
    found(1);
    expect(host.asked()).toContain("offsets lines/0 at 40 ms");
  });

  test("[C52] bytes that are no enumerator are an error that says what to do", () => {
    const { host, deploy } = stage();
    const result = deploy(2, checkpointOf(new Uint8Array([7])));
    expect(result).toMatchObject({ ok: false, error: expect.stringContaining("version 7") });
    expect(result).toMatchObject({ error: expect.stringContaining('source "lines"') });
    expect(host.asked()).toEqual([]);
  });
});
