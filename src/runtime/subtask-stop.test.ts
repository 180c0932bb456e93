import { expect, test } from "vitest";
import { asCheckpointId as id } from "../core/ids.ts";
import { SubtaskStop } from "./subtask-stop.ts";

function stage() {
  const told: string[] = [];
  const stop = new SubtaskStop({
    onResumed: () => told.push("resumed"),
    onLost: (why) => told.push(why),
  });
  return { stop, take: () => told.splice(0) };
}

test("[HL2] [C44] the snapshot waits for the end of input, and is taken once", () => {
  const { stop, take } = stage();
  let taken = 0;
  stop.drain(id(7));
  stop.atEnd(() => taken++);
  expect(taken).toBe(0);
  stop.onEnded();
  stop.onEnded();
  expect([taken, take()]).toEqual([1, []]);
});

test("[HL3] [C45] a savepoint that is given up lets its own go on, and nobody else", () => {
  const { stop, take } = stage();
  stop.onGivenUp(id(6));
  stop.suspend(id(7));
  stop.onGivenUp(id(6));
  expect([stop.suspendedBy, take()]).toEqual([7, []]);
  stop.onGivenUp(id(7));
  stop.onGivenUp(id(7));
  expect([stop.suspendedBy, take()]).toEqual([undefined, ["resumed"]]);
});

test("[HL3] [C45] a newer checkpoint says that it was given up", () => {
  const { stop, take } = stage();
  stop.suspend(id(7));
  stop.onTriggered(id(7));
  expect(take()).toEqual([]);
  stop.onTriggered(id(8));
  expect(take()).toEqual(["resumed"]);
});

test("[HL3] [C45] what was drained cannot go on", () => {
  const { stop, take } = stage();
  stop.drain(id(7));
  stop.suspend(id(7));
  stop.onGivenUp(id(7));
  expect(take()).toEqual([
    "its input was ended for savepoint 7, which was given up; " +
      "the job goes on from its latest checkpoint",
  ]);
});
