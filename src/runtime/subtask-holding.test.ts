/** Barriers that overtake what waits, over a head that holds a record back which is in no channel. */
import { expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import type { Output } from "../operators/operator.ts";
import { inFlightText } from "./in-flight.fixture.ts";
import { FakeOperator, subtaskStage } from "./subtask.fixture.ts";

const urgent = { mode: "unaligned" } as const;

/** Holds one record back from "hold" on, until the test lets go. */
class Holding extends FakeOperator {
  held: unknown;
  isAway = true;

  get settled(): boolean {
    return this.held === undefined;
  }

  override processElement(value: unknown, timestampMs: number): void {
    if (value !== "hold") return super.processElement(value, timestampMs);
    this.held = value;
    this.available = false;
  }

  override advanceProcessingTime(nowMs: number): number | undefined {
    if (this.held !== undefined && !this.isAway) {
      super.processElement(this.held, 1);
      this.held = undefined;
      this.available = true;
    }
    return super.advanceProcessingTime(nowMs);
  }
}

function stage() {
  const told: string[] = [];
  const late: { head?: Holding } = {};
  const made = subtaskStage({
    ...{ inputs: 2, unaligned: true },
    head: (next: Output<unknown>) => (late.head = new Holding("head", told, next)),
  });
  made.run();
  told.length = 0;
  made.records(0, "hold", "behind");
  made.step();
  return { ...made, told, head: late.head! };
}

test("[HO2] [C13] a snapshot waits for what is held, and still cuts where its barrier came", () => {
  const { barrier, records, step, subtask, head, told, host } = stage();
  barrier(0, 1, urgent);
  records(1, "other");
  barrier(1, 1, urgent);
  expect(step(20).filter((each) => /barrier|acknowledge/.test(each))).toEqual([]);
  expect(told).toEqual([]);
  head.isAway = false;
  subtask.wakeUp();
  const after = step(30);
  expect(told.slice(0, 3)).toEqual(["head hold@1", "head prepare 1", "head snapshot 1"]);
  const hold = after.indexOf("b hold@1");
  expect(after[hold + 1]).toBe("b prepare 1");
  expect(after).toContain("acknowledge 1 at chk/1");
  const stored = inFlightText(host.objectStore.objects.get("chk/1-in-flight")!);
  expect(stored.filter((each) => each.startsWith("in"))).toEqual(["in 0: behind", "in 1: other"]);
});

test("[HO2] [C22] given up meanwhile, its barrier goes out all the same, and nothing is acknowledged", () => {
  const { barrier, step, subtask, head } = stage();
  barrier(0, 1, urgent);
  barrier(1, 1, urgent);
  step(5);
  subtask.checkpointAborted(asCheckpointId(1));
  head.isAway = false;
  subtask.wakeUp();
  const after = step(30);
  expect(after.filter((each) => /<barrier 1>/.test(each)).length).toBe(1);
  expect(after.filter((each) => /acknowledge|decline/.test(each))).toEqual([]);
});

test("[HO2] [C22] what a newer barrier gave up meanwhile is declined as soon as it is taken", () => {
  const { barrier, step, subtask, head } = stage();
  barrier(0, 1, urgent);
  barrier(0, 2, { mode: "aligned", alignedTimeoutMs: 60_000 });
  step(5);
  head.isAway = false;
  subtask.wakeUp();
  const after = step(30).filter((each) => /<barrier|acknowledge|decline/.test(each));
  expect(after).toEqual([
    "> <barrier 1>",
    "decline 1: what was in flight for checkpoint 1 was given up",
  ]);
});
