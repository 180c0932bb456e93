import { PLAIN_BARRIER } from "../core/element.ts";
import { describe, expect, test } from "vitest";
import { InvariantError } from "../core/assert.ts";
import { asCheckpointId, asOperatorUid } from "../core/ids.ts";
import { CHANNEL_CLOSED } from "../host/channels.ts";
import { rethrow } from "../operators/user-function-error.ts";
import { subtaskStage } from "./subtask.fixture.ts";

const id = asCheckpointId;
const ENDS = ["a close", "b close", "> closed", "+ failed"];

describe("what fails a task", () => {
  test("user code that throws, with what it says", () => {
    const { host, subtask, first, run, records, step } = subtaskStage();
    run();
    first.onElement = () => {
      throw new Error('operator "a" failed');
    };
    records(0, "x", "y");
    expect(step()).toEqual(["a x@1", ...ENDS]);
    expect(subtask.why).toBe('operator "a" failed');
    expect(host.takeNotes()).toEqual(["task-failed"]);
  });

  test("an error of a function, with whose it is", () => {
    const { subtask, first, run, records, step } = subtaskStage();
    run();
    first.onElement = () => rethrow(new Error("oops"), asOperatorUid("a"), "on record", "x");
    records(0, "x");
    step();
    expect([subtask.culprit, subtask.why]).toEqual([
      "a",
      'operator "a" failed on record "x": Error: oops',
    ]);
  });

  test("also when what it throws is no error", () => {
    const { subtask, first, run, records, step } = subtaskStage();
    run();
    first.onElement = () => {
      throw "just text" as unknown as Error;
    };
    records(0, "x");
    step();
    expect([subtask.why, subtask.culprit]).toEqual(["just text", undefined]);
  });

  test("bytes that are no elements", () => {
    const { subtask, run, send, step } = subtaskStage();
    run();
    send(0, Uint8Array.of(255, 255, 255, 255, 1), false);
    step();
    expect(subtask.why).toMatch(/an element of 4294967295 bytes/);
  });

  test("an event of no known kind", () => {
    const { subtask, run, send, step } = subtaskStage();
    run();
    send(0, Uint8Array.of(99), true);
    step();
    expect(subtask.why).toMatch(/control event of unknown kind 99/);
  });

  test("a channel that breaks, and its name is told", () => {
    const { subtask, run, gate } = subtaskStage({ inputs: 2 });
    run();
    gate.channels[1]!.onBroken("reset");
    expect(subtask.why).toBe("channel in-1 broke: reset");
  });

  test("a channel closed in good order is no failure once the task has ended", () => {
    const { subtask, run, endOfInput, gate, step } = subtaskStage();
    run();
    endOfInput(0);
    step();
    gate.channels[0]!.onBroken(CHANNEL_CLOSED);
    expect(subtask.state).toBe("ended");
    subtask.onChannelBroken("out", "reset");
    expect(subtask.state).toBe("failed");
  });

  test("our own assertions do not: they stop the run", () => {
    const { host, first, run, records } = subtaskStage();
    run();
    first.onElement = () => {
      throw new InvariantError("XX9 we are wrong");
    };
    records(0, "x");
    expect(() => host.advanceMs(1)).toThrow("XX9 we are wrong");
  });

  test("opening fails it as well, and it is never initialised", () => {
    const { subtask, first, take } = subtaskStage();
    first.open = () => {
      throw new Error("no such state");
    };
    subtask.open([], false);
    expect(take()).toEqual(["b open with 0", ...ENDS]);
    subtask.run();
    expect([take(), subtask.why]).toEqual([[], "no such state"]);
  });
});

describe("user code that throws where others have to hear, too", () => {
  const explode = (): never => {
    throw new Error('operator "a" failed');
  };

  test("[C33] everyone hears that a checkpoint is complete, then the task fails", () => {
    const { subtask, first, run, step } = subtaskStage();
    run();
    first.checkpointCompleted = explode;
    subtask.checkpointCompleted(id(4));
    expect(step()).toEqual(["b completed 4", ...ENDS]);
    expect(subtask.why).toBe('operator "a" failed');
  });

  test("[C33] also when it is the last one; the task does not finish", () => {
    const { subtask, first, run, endOfInput, take, step } = subtaskStage();
    run();
    endOfInput(0);
    step();
    first.checkpointCompleted = explode;
    subtask.finish(id(4));
    expect(take()).toEqual(["b completed 4", ...ENDS]);
  });

  test("everyone lets go, and the failure is noted, though the task was only cancelled", () => {
    const { host, subtask, first, run, take } = subtaskStage();
    run();
    first.close = explode;
    subtask.close();
    expect(take()).toEqual(["b close", "> closed"]);
    expect(host.takeNotes()).toEqual(["task-close-failed"]);
    expect([subtask.state, subtask.why]).toEqual(["failed", "cancelled"]);
  });

  test("a source that cannot let go keeps nobody else from it", () => {
    const { host, subtask, source, run, take } = subtaskStage({ inputs: 0 });
    run();
    source.close = explode;
    subtask.close();
    expect(take()).toEqual(["a close", "b close", "> closed"]);
    expect(host.takeNotes()).toEqual(["task-close-failed"]);
  });

  test("what we assert is not held back", () => {
    const { subtask, first, run } = subtaskStage();
    run();
    first.checkpointCompleted = () => {
      throw new InvariantError("ours");
    };
    expect(() => subtask.checkpointCompleted(id(4))).toThrow(InvariantError);
  });
});

describe("[ST2] after the end nothing runs and nothing is sent", () => {
  test("cancelled: it lets go of everything, and tells nobody", () => {
    const { host, subtask, run, records, barrier, take, step } = subtaskStage();
    run();
    records(0, "x");
    barrier(0, 1);
    subtask.close();
    subtask.close();
    expect(take()).toEqual(["a close", "b close", "> closed"]);
    expect(step(1_000)).toEqual([]);
    expect(host.takeNotes()).toEqual([]);
    expect([subtask.state, subtask.why]).toEqual(["failed", "cancelled"]);
  });

  test("whatever it is told then", () => {
    const { subtask, run, records, barrier, take, step } = subtaskStage();
    run();
    subtask.close();
    take();
    records(0, "x");
    barrier(0, 1);
    subtask.wakeUp();
    subtask.run();
    subtask.checkpointCompleted(id(1));
    subtask.checkpointAborted(id(1));
    subtask.finish(id(1));
    subtask.fail("again");
    subtask.onChannelBroken("out", "reset");
    expect([step(1_000), subtask.why]).toEqual([[], "cancelled"]);
  });

  test("a source that is told to snapshot then takes none", () => {
    const { subtask, run, take } = subtaskStage({ inputs: 0 });
    run();
    subtask.close();
    take();
    subtask.trigger(id(1), PLAIN_BARRIER, 0);
    expect(take()).toEqual([]);
  });

  test("an upload under way is given up", () => {
    const { host, subtask, run, barrier, step } = subtaskStage();
    host.objectStore.misbehave("held");
    run();
    barrier(0, 1);
    step(100);
    subtask.close();
    step();
    host.objectStore.release();
    expect(step(100)).toEqual([]);
  });

  test("an operator that gives up in the middle of a step is the last to do anything", () => {
    const { host, subtask, first, run, records, barrier, step } = subtaskStage();
    run();
    first.onElement = () => subtask.fail("too many rows");
    records(0, "x", "y");
    barrier(0, 1);
    const told = step(100);
    expect(told.slice(0, 5)).toEqual(["a x@1", ...ENDS]);
    expect(told.slice(5)).toEqual(["b x@1"]);
    expect([subtask.state, subtask.why]).toEqual(["failed", "too many rows"]);
    expect(host.takeNotes()).toEqual(["task-failed"]);
  });

  test("a task that failed at the last record of its source does not count as ended", () => {
    const { host, subtask, source, first, run, step } = subtaskStage({ inputs: 0 });
    run();
    first.onElement = () => subtask.fail("too many rows");
    source.records.push("x");
    source.endsWhenEmpty = true;
    subtask.wakeUp();
    step(100);
    expect(subtask.state).toBe("failed");
    expect(host.takeNotes()).toEqual(["task-failed"]);
  });

  test("a task that fails while it flushes at its end does not count as ended", () => {
    const { subtask, first, run, endOfInput, step } = subtaskStage();
    run();
    first.finish = () => {
      subtask.fail("too many rows");
      return true;
    };
    endOfInput(0);
    step(100);
    expect(subtask.state).toBe("failed");
  });

  test("a task that fails before its barrier takes no snapshot", () => {
    const { subtask, second, run, barrier, step } = subtaskStage();
    run();
    second.prepareBarrier = () => subtask.fail("too many rows");
    barrier(0, 1);
    const told = step(100);
    expect(told).not.toContain("a snapshot 1");
    expect(told).not.toContain("acknowledge 1 at chk/1");
  });
});
