import { expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import { subtaskStage } from "./subtask.fixture.ts";

test("[BC1] [C10] at least once: what is behind an early barrier is read before the snapshot", () => {
  const { host, run, records, barrier, step } = subtaskStage({ inputs: 2, mode: "at-least-once" });
  run();
  barrier(0, 1);
  records(0, "behind");
  records(1, "before");
  barrier(1, 1);
  const told = step();
  expect(told.indexOf("a behind@1")).toBeLessThan(told.indexOf("a snapshot 1"));
  expect(step(10)).toContain("acknowledge 1 at chk/1");
  expect(host.takeNotes()).toEqual(["snapshot-taken", "snapshot-stored"]);
});

test("[C11] what is given up is cancelled downstream", () => {
  const { subtask, host, run, barrier, step } = subtaskStage({ inputs: 2, mode: "at-least-once" });
  run();
  barrier(0, 1);
  step();
  subtask.checkpointAborted(asCheckpointId(1));
  barrier(1, 1);
  const told = step();
  expect(told).toContain("> <cancel-barrier 1>");
  expect(told).not.toContain("a snapshot 1");
  expect(host.takeNotes()).toEqual(["alignment-abandoned"]);
});
