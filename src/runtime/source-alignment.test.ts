/** Alignment between processes: a job manager's sources on one side, a task manager on the other. */
import { describe, expect, test } from "vitest";
import { asAttemptId, asLeaderEpoch, asProcessId, attemptOf } from "../core/ids.ts";
import { ok } from "../core/result.ts";
import { buildPhysicalPlan } from "../graph/build-plan.ts";
import { regionsOf } from "../graph/regions.ts";
import { ledger, logSource } from "../graph/endpoints.ts";
import { job } from "../graph/job.ts";
import { logBatch, TestHost } from "../host/testing.ts";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { types } from "../types/serializers.ts";
import { encodeMessage, type MessageOf, type TaskState } from "./messages.ts";
import { SourceCoordinators } from "./source-coordinators.ts";
import { TaskManager } from "./task-manager.ts";
import { RuntimeHost, testOptions } from "./testing.ts";

/** fast (vertex 0) and slow (vertex 1), one subtask each, of one group. */
const plan = buildPhysicalPlan(
  job("j", (env) => {
    const alignment = { group: "g", driftMsMax: 10 };
    for (const topic of ["fast", "slow"]) {
      env
        .fromSource(
          logSource({ topic, type: types.string }),
          WatermarkStrategy.forMonotonousTimestamps({ alignment }),
          topic,
        )
        .uid(topic)
        .sinkTo(ledger(`${topic}-out`))
        .uid(`${topic}-sink`);
    }
  }),
);

describe("the job manager's side", () => {
  function stage() {
    const told: string[] = [];
    const coordinators = new SourceCoordinators(new TestHost(), regionsOf(plan), {
      tell: (message) => {
        if (message.kind !== "align") return;
        told.push(`${message.attempt}/${message.vertex} up to ${message.limitMs}`);
      },
      onFailed: () => expect.unreachable(),
    });
    const report = (vertex: number, levelMs: number, state: TaskState = "running"): string[] => {
      const task = { vertex, subtask: 0, why: "", culprit: "", assigned: 0 };
      coordinators.onTaskReport({ ...task, state, levelMs, suspendedBy: undefined });
      return told.splice(0);
    };
    return { coordinators, report };
  }

  test("[SN1] [C83] only those that run count and are told", () => {
    const { coordinators, report } = stage();
    coordinators.deploy(0, asAttemptId(1), undefined);
    expect(report(0, 50, "initialized")).toEqual([]);
    expect(report(0, 50)).toEqual(["1/0 up to -Infinity"]);
    expect(report(1, 20)).toEqual(["1/0 up to 30", "1/1 up to 30"]);
  });

  test("[C83] who has ended holds nobody, whatever level it ended at", () => {
    const { coordinators, report } = stage();
    coordinators.deploy(0, asAttemptId(1), undefined);
    report(0, 50);
    report(1, 20);
    expect(report(1, 20, "ended")).toEqual(["1/0 up to 60", "1/1 up to 60"]);
  });

  test("[AG2] [C85] the next attempt begins anew, and one that is over tells nobody", () => {
    const { coordinators, report } = stage();
    coordinators.deploy(0, asAttemptId(1), undefined);
    report(0, 50);
    report(1, 20);
    coordinators.close(0);
    expect(report(0, 60)).toEqual([]);
    coordinators.deploy(0, asAttemptId(2), undefined);
    expect(report(0, 5)).toEqual(["2/0 up to -Infinity"]);
  });
});

describe("the task manager's side", () => {
  const ATTEMPT = attemptOf(asLeaderEpoch(1), 1);
  const fence = { epoch: 1, region: 0, attempt: ATTEMPT };

  /** Runs source "fast", whose records are 10, 20 and 30 ms, and more may come. */
  function running() {
    const host = new RuntimeHost();
    const jobManager = asProcessId("jm");
    const manager = new TaskManager(host, {
      plan,
      jobManagers: [jobManager],
      options: testOptions,
    });
    manager.start();
    const tell = (message: Parameters<typeof encodeMessage>[0]): void => {
      manager.onMessage(jobManager, encodeMessage(message));
      host.advanceMs(5);
    };
    const tasks = [{ vertex: 0, subtask: 0, handles: [], inFlight: [], ended: false }];
    const locations = [{ vertex: 0, subtask: 0, process: "tm-0" }];
    tell({
      kind: "deploy",
      ...fence,
      checkpointId: 0,
      stopped: false,
      parallelism: [],
      tasks,
      locations,
    });
    tell({ kind: "run", ...fence });
    const items = [{ number: 1, after: 0, splits: [{ partition: 0, offset: 0 }], noMore: true }];
    tell({ kind: "assign", ...fence, vertex: 0, subtask: 0, items });
    const read = host.world.openRequests.findIndex((text) => text.startsWith("read"));
    for (let i = 0; i < read; i++) host.world.answer();
    host.world.answer(
      ok(
        logBatch(types.string, 0, [
          ["a", 10],
          ["b", 20],
          ["c", 30],
        ]),
      ),
    );
    host.advanceMs(5);
    const align = (limitMs: number, attempt: number = ATTEMPT, subtask = 0): void =>
      tell({ kind: "align", epoch: 1, region: 0, attempt, vertex: 0, subtask, limitMs });
    /** The levels of all reports since the last call. */
    const levels = (): (number | undefined)[] =>
      host
        .takeSent()
        .flatMap(({ message }) => (message.kind === "report" ? [message] : []))
        .map(({ regions }: MessageOf<"report">) => regions[0]?.tasks[0]?.levelMs);
    return { host, align, levels };
  }

  test("[SO7] [C83] a source that pauses is heard at once, and goes on when it is told", () => {
    const { align, levels } = running();
    expect(levels().at(-1)).toBe(9);
    align(9);
    expect(levels()).toEqual([19]);
    align(100);
    expect(levels()).toEqual([]);
  });

  test("[C83] [C119] limits of another attempt or subtask are not taken", () => {
    const { host, align, levels } = running();
    levels();
    align(100, ATTEMPT + 1);
    align(100, ATTEMPT, 1);
    host.advanceMs(testOptions.heartbeatMs);
    expect(levels()).toEqual([9]);
  });

  test("[C83] its level is in every report, so that none has to arrive", () => {
    const { host, levels } = running();
    levels();
    host.advanceMs(testOptions.heartbeatMs);
    host.advanceMs(testOptions.heartbeatMs);
    expect(levels()).toEqual([9, 9]);
  });
});
