import { expect, test } from "vitest";
import type { Note, NoteKind } from "./history.ts";
import { JobEnd } from "./job-end.ts";

const END_US = 100;

function after(...notes: readonly (readonly [NoteKind, number])[]): JobEnd {
  const end = new JobEnd();
  for (const [kind, atUs] of notes) end.onNote({ kind, atUs, process: "jm", step: 0 } as Note);
  return end;
}

test("a job is over when its end is noted and the clean-up is done, in time", () => {
  expect(after(["job-finished", 5]).outcome(END_US, false)).toBe("stuck");
  expect(after(["job-cancelled", 5], ["clean-up-done", 9]).outcome(END_US, false)).toBe(
    "cancelled",
  );
  expect(after(["job-failed", 5], ["clean-up-done", 9]).outcome(END_US, false)).toBe("failed");
  expect(after(["job-finished", 5], ["clean-up-done", 101]).outcome(END_US, false)).toBe("stuck");
});

test("the first clean-up counts: a successor may do it again", () => {
  expect(after(["job-finished", 5], ["clean-up-done", 7], ["clean-up-done", 9]).doneUs).toBe(7);
});

test("a job that was stopped and runs again is not over, and then ends once more", () => {
  const stopped = [
    ["job-finished", 5],
    ["clean-up-done", 7],
  ] as const;
  expect(after(...stopped).outcome(END_US, true)).toBe("stopped");
  const resumed = [...stopped, ["job-deploying", 20]] as const;
  expect(after(...resumed).outcome(END_US, false)).toBe("stuck");
  expect(after(...resumed).doneUs).toBe(Number.POSITIVE_INFINITY);
  const again = after(...resumed, ["job-finished", 30], ["clean-up-done", 33]);
  expect([again.outcome(END_US, false), again.doneUs]).toEqual(["finished", 33]);
});
