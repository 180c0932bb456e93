import { describe, expect, test } from "vitest";
import { ledger, logSource } from "../graph/endpoints.ts";
import { job } from "../graph/job.ts";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { types } from "../types/serializers.ts";
import { attemptNo, jobManagerStage, RESTART_DELAY_MS } from "./job-manager.fixture.ts";
import type { TaskState } from "./messages.ts";

/** Two pipelines of one task each: vertex 0 is region 0, vertex 1 region 1. */
const twoRegions = (restartsMax: number) =>
  job("j", (env) => {
    env.enableCheckpointing({ intervalMs: 100, timeoutMs: 1_000, tolerableFailures: 1 });
    env.setRestartStrategy({ delayMs: RESTART_DELAY_MS, restartsMax });
    for (const topic of ["left", "right"]) {
      const source = logSource({ topic, type: types.string });
      env.fromSource(source, WatermarkStrategy.none(), topic).uid(topic).sinkTo(ledger(topic));
    }
  });

type Side = readonly [attempt: number, state: TaskState | undefined, through?: number];

function stage(restartsMax = 2) {
  const parts = jobManagerStage(twoRegions(restartsMax));
  let sequence = 0;
  /** How each region is at the one task manager. */
  const report = (...sides: readonly Side[]): void => {
    const none = { culprit: "", assigned: 0, levelMs: undefined, suspendedBy: undefined };
    const regions = sides.map(([attempt, state, through = 0], region) => ({
      ...{ region, attempt, cancelledThrough: through },
      tasks:
        state === undefined ? [] : [{ vertex: region, subtask: 0, state, why: "boom", ...none }],
    }));
    parts.tell({ kind: "report", incarnation: 1, slots: 1, sequence: ++sequence, regions });
  };
  const first = attemptNo(1);
  const run = (): void => {
    parts.lead();
    report([0, undefined], [0, undefined]);
    for (const state of ["initialized", "running"] as const) report([first, state], [first, state]);
    parts.host.takeSent();
    parts.host.takeNotes();
  };
  const ack = (checkpointId: number, attempts: readonly number[]): void => {
    attempts.forEach((attempt, vertex) => {
      const path = `checkpoints/j/${checkpointId}/${vertex}`;
      const handle = { path, length: 1, checksum: 1, shared: false };
      const stored = { handle, inFlight: undefined, files: [] };
      const task = { vertex, subtask: 0, stored, ended: false, flows: undefined };
      parts.tell({ kind: "acknowledge", attempt, checkpointId, ...task });
    });
    parts.host.advanceMs(20);
  };
  return { ...parts, report, run, ack, first };
}

describe("[C118] a region that fails", () => {
  test("[JR2] [A39] goes back alone to the latest checkpoint, which the next one waits for", () => {
    const { host, run, report, ack, first, triggered, deployed, sent } = stage();
    run();
    const id = triggered();
    ack(id, [first, first]);
    sent();
    report([first, "failed"], [first, "running"]);
    expect(sent()).toEqual(["tm-0 cancel 1.1"]);
    report([0, undefined, first], [first, "running"]);
    host.advanceMs(RESTART_DELAY_MS);
    report([0, undefined, first], [first, "running"]);
    expect(deployed()).toMatchObject({ region: 0, attempt: attemptNo(2), checkpointId: id });
    const handles = deployed()?.tasks.map((task) => [task.vertex, task.handles.length]);
    expect(handles).toEqual([[0, 1]]);
    for (let i = 0; i < 10; i++) {
      host.advanceMs(50);
      report([attemptNo(2), "restoring", first], [first, "running"]);
    }
    expect(host.lastSent("trigger"), "JR2").toBeUndefined();
    for (const state of ["initialized", "running"] as const) {
      report([attemptNo(2), state, first], [first, "running"]);
    }
    expect(host.lastSent("trigger")).toBeDefined();
    expect(host.takeNotes().filter((kind) => kind === "job-failing")).toHaveLength(1);
  });

  test("[JR1] [C121] for good takes the others along before the job has failed", () => {
    const { host, run, report, first, sent } = stage(0);
    run();
    report([first, "failed"], [first, "running"]);
    sent();
    report([0, undefined, first], [first, "running"]);
    expect(sent()).toContain("tm-0 cancel 1.1");
    expect(host.takeNotes()).not.toContain("job-failed");
    report([0, undefined, first], [0, undefined, first]);
    host.advanceMs(20);
    expect(host.takeNotes()).toContain("job-failed");
  });
});

test("[C119] a task manager that lost one region's tasks has lost no others", () => {
  const { host, run, report, first } = stage();
  run();
  report([0, undefined, first], [first, "running"]);
  host.advanceMs(2 * RESTART_DELAY_MS);
  const failing = host.world.notes.flatMap((note) =>
    note.kind === "job-failing" ? [note.region] : [],
  );
  expect(failing).toEqual([0]);
});
