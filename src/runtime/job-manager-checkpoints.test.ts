import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import { metadataPath } from "../checkpoint/checkpoint-metadata.ts";
import type { LogicalGraph } from "../graph/logical-graph.ts";
import { attemptNo, jobManagerStage, jobOf, RESTART_DELAY_MS } from "./job-manager.fixture.ts";
import { testOptions } from "./testing.ts";

describe("checkpoints", () => {
  test("[C29] are announced when their metadata is durable, and are where a restart goes back to", () => {
    const { host, runFirst, report, ack, sent, deployed, triggered } = jobManagerStage();
    runFirst();
    const id = triggered();
    host.objectStore.misbehave("held", 1, /^put-new/);
    ack(id);
    expect(sent()).not.toContain(`tm-0 completed ${id} (1.1)`);
    host.objectStore.release();
    expect(sent()).toEqual([`tm-0 completed ${id} (1.1)`]);
    report({ through: attemptNo(1) });
    host.advanceMs(2 * RESTART_DELAY_MS);
    report({ through: attemptNo(1) });
    expect(deployed()?.checkpointId).toBe(id);
    expect(deployed()?.tasks.map(({ handles }) => handles.length)).toEqual([1, 1]);
    expect(host.takeNotes()).toContain("job-restored");
  });

  test("[JM2] [C123] nothing is deployed while a metadata write may or may not have happened", () => {
    const { host, runFirst, report, ack, deployed, triggered } = jobManagerStage();
    runFirst();
    const id = triggered();
    host.objectStore.misbehave("held", 1, /^put-new/);
    ack(id);
    host.takeSent();
    for (let i = 0; i < 5; i++) {
      report({ through: attemptNo(1) });
      host.advanceMs(2 * RESTART_DELAY_MS);
    }
    expect(deployed()).toBeUndefined();
    host.objectStore.release();
    host.advanceMs(10);
    expect(deployed()?.checkpointId).toBe(id);
  });

  test("[C123] a metadata write that timed out though it took effect counts as done", () => {
    const { host, runFirst, ack, sent, triggered } = jobManagerStage();
    runFirst();
    const id = triggered();
    host.objectStore.misbehave("late", 1, /^put-new/);
    ack(id);
    host.advanceMs(100);
    expect(sent()).toContain(`tm-0 completed ${id} (1.1)`);
  });

  test("[C28] [C30] declined ones are aborted, and a late acknowledgement changes nothing", () => {
    const { host, runFirst, ack, tell, sent, triggered } = jobManagerStage();
    runFirst();
    const id = triggered();
    tell({
      kind: "decline",
      attempt: attemptNo(1),
      checkpointId: id,
      vertex: 0,
      subtask: 0,
      why: "disk full",
      overtaken: false,
    });
    expect(sent()).toContain(`tm-0 aborted ${id} (1.1)`);
    ack(id);
    host.advanceMs(50);
    expect(host.takeNotes()).not.toContain("checkpoint-completed");
    expect(host.objectStore.paths.filter((path) => path.endsWith(`/${id}/0`))).toEqual([]);
  });

  test("[C32] a trigger is repeated while acknowledgements are missing", () => {
    const { host, runFirst, reportBoth, sent, triggered } = jobManagerStage();
    runFirst();
    const id = triggered();
    sent();
    host.advanceMs(testOptions.heartbeatMs);
    reportBoth("running");
    expect(sent()).toContain(`tm-0 trigger ${id} (1.1)`);
  });

  test("[C38] of those that newer ones have replaced nothing is left", () => {
    const { host, runFirst, reportBoth, ack, triggered } = jobManagerStage();
    runFirst();
    const first = triggered();
    ack(first);
    host.takeSent();
    reportBoth("running");
    const second = triggered();
    expect(second).toBeGreaterThan(first);
    ack(second);
    host.advanceMs(50);
    const paths = host.objectStore.paths.filter((path) => path.startsWith("checkpoints/"));
    expect(paths).toEqual([
      `checkpoints/j/${second}/0`,
      `checkpoints/j/${second}/1`,
      metadataPath("j", asCheckpointId(second)),
    ]);
    expect(host.takeNotes()).toContain("checkpoint-subsumed");
  });
});

function withTolerance(tolerableFailures: number): LogicalGraph {
  const graph = jobOf(100);
  return { ...graph, checkpoints: { ...graph.checkpoints, tolerableFailures } };
}

test("[C35] a checkpoint whose time is up ends the attempt, where none may fail", () => {
  const { host, runFirst, reportBoth, sent, triggered } = jobManagerStage(withTolerance(0));
  runFirst();
  const id = triggered();
  sent();
  for (let i = 0; i < 10; i++) {
    reportBoth("running");
    host.advanceMs(testOptions.heartbeatMs);
  }
  const told = sent();
  expect(told).toContain(`tm-0 aborted ${id} (1.1)`);
  expect(told).toContain("tm-0 cancel 1.1");
  expect(told).not.toContain(`tm-0 trigger ${id + 1} (1.1)`);
});

test("[C32] a checkpoint whose time is up is aborted, and the next one is taken", () => {
  const { host, runFirst, reportBoth, sent, triggered } = jobManagerStage(withTolerance(1));
  runFirst();
  const id = triggered();
  sent();
  for (let i = 0; i < 15; i++) {
    reportBoth("running");
    host.advanceMs(testOptions.heartbeatMs);
  }
  const told = sent();
  expect(told).toContain(`tm-0 aborted ${id} (1.1)`);
  expect(told).toContain(`tm-0 trigger ${id + 1} (1.1)`);
});

test("[C35] [C49] after more in a row than the job tolerates all of it starts over", () => {
  const { host, runFirst, report, reportBoth, sent, deployed, triggered } = jobManagerStage();
  runFirst();
  triggered();
  sent();
  for (let i = 0; i < 30; i++) {
    reportBoth("running");
    host.advanceMs(testOptions.heartbeatMs);
  }
  expect(host.takeNotes()).toContain("job-failing");
  expect(sent()).toContain("tm-0 cancel 1.1");
  report({ through: attemptNo(1) });
  host.advanceMs(2 * RESTART_DELAY_MS);
  report({ through: attemptNo(1) });
  expect(deployed()?.attempt).toBe(attemptNo(2));
});
