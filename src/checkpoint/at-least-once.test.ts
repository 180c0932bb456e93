import fc from "fast-check";
import { expect, test } from "vitest";
import { asChannelIndex, asCheckpointId } from "../core/ids.ts";
import {
  countAbort,
  countBarrier,
  countCancel,
  countEnd,
  countTrigger,
  createCount,
  PENDING_KEPT_MAX,
  type BarrierCount,
  type CountStep,
} from "./at-least-once.ts";

const textOf = ({ effects }: CountStep): string =>
  effects
    .map((effect) => `${effect.kind} ${"why" in effect ? effect.why : effect.checkpointId}`)
    .join(", ");

function step(state: BarrierCount, event: string): CountStep {
  const [kind, number, , channel] = event.split(" ");
  const checkpointId = asCheckpointId(Number(number));
  switch (kind) {
    case "barrier":
      return countBarrier(state, { checkpointId, channel: asChannelIndex(Number(channel)) });
    case "cancel":
      return countCancel(state, { checkpointId, channel: asChannelIndex(Number(channel)) });
    case "trigger":
      return countTrigger(state, checkpointId);
    case "abort":
      return countAbort(state, checkpointId);
    default:
      return countEnd(state, asChannelIndex(Number(number)));
  }
}

function transcript(channelCount: number, lines: readonly (readonly [string, string])[]): void {
  let state = createCount(channelCount);
  for (const [event, effects] of lines) {
    const next = step(state, event);
    expect([event, textOf(next)]).toEqual([event, effects]);
    state = next.state;
  }
}

test("[BC1] [C10] the snapshot is taken at the last barrier, and no channel ever waits", () => {
  transcript(3, [
    ["barrier 7 on 0", ""],
    ["barrier 7 on 2", ""],
    ["barrier 7 on 1", "snapshot 7"],
    ["barrier 7 on 1", "ignore obsolete"],
  ]);
});

test("[BC2] [C11] several are under way at a time, and are taken in order", () => {
  transcript(2, [
    ["barrier 7 on 0", ""],
    ["barrier 8 on 0", ""],
    ["barrier 7 on 1", "snapshot 7"],
    ["barrier 8 on 1", "snapshot 8"],
  ]);
});

test("[C11] completing an id drops what is pending below it", () => {
  transcript(2, [
    ["barrier 7 on 0", ""],
    ["barrier 8 on 0", ""],
    ["barrier 8 on 1", "decline 7, abandon 7, forward-cancel 7, snapshot 8"],
    ["barrier 7 on 1", "ignore obsolete"],
  ]);
});

test("[C11] cancelling an id drops what is pending below it, and nothing above it", () => {
  transcript(2, [
    ["barrier 6 on 0", ""],
    ["barrier 7 on 0", ""],
    ["barrier 8 on 0", ""],
    ["cancel 7 on 1", "decline 6, abandon 6, forward-cancel 6, abandon 7, forward-cancel 7"],
    ["barrier 8 on 1", "snapshot 8"],
  ]);
});

test("[BC3] [C8] an id that was aborted first is cancelled downstream, once", () => {
  transcript(2, [
    ["abort 7", "ignore remembered-abort"],
    ["barrier 7 on 0", "forward-cancel 7"],
    ["barrier 7 on 1", "ignore obsolete"],
    ["abort 7", "ignore obsolete"],
  ]);
});

test("[C7] an abort touches its own id alone", () => {
  transcript(2, [
    ["barrier 7 on 0", ""],
    ["barrier 8 on 0", ""],
    ["abort 8", "abandon 8"],
    ["barrier 7 on 1", "snapshot 7"],
    ["barrier 8 on 1", "forward-cancel 8"],
  ]);
});

test("[C4] a channel that ends counts for all that is pending", () => {
  transcript(2, [
    ["barrier 7 on 0", ""],
    ["barrier 8 on 0", ""],
    ["end 1", "snapshot 7, snapshot 8"],
    ["barrier 9 on 1", ""],
    ["barrier 9 on 0", "snapshot 9"],
  ]);
});

test("[C4] a channel that ends completes nothing that others have yet to deliver", () => {
  transcript(3, [
    ["barrier 7 on 0", ""],
    ["end 1", ""],
    ["barrier 7 on 2", "snapshot 7"],
  ]);
});

test("[C11] what is cancelled is abandoned where it was under way, and not where it was not", () => {
  transcript(2, [
    ["barrier 7 on 0", ""],
    ["cancel 7 on 1", "abandon 7, forward-cancel 7"],
    ["barrier 8 on 0", ""],
    ["cancel 9 on 1", "decline 8, abandon 8, forward-cancel 8, forward-cancel 9"],
  ]);
});

test("[C6] a source takes each id once, unless it was aborted first", () => {
  transcript(0, [
    ["trigger 7", "snapshot 7"],
    ["trigger 7", "ignore obsolete"],
    ["abort 8", "ignore remembered-abort"],
    ["trigger 8", "forward-cancel 8"],
  ]);
});

test("what never completes is given up in the end, the oldest first", () => {
  let state = createCount(2);
  for (let id = 1; id <= PENDING_KEPT_MAX; id++) state = step(state, `barrier ${id} on 0`).state;
  const next = step(state, `barrier ${PENDING_KEPT_MAX + 1} on 0`);
  expect(textOf(next)).toBe("decline 1, abandon 1, forward-cancel 1");
});

test("[BC2] what is over is out of the count, for markers, aborts and ends that come late", () => {
  transcript(2, [
    ["barrier 7 on 0", ""],
    ["barrier 7 on 1", "snapshot 7"],
    ["cancel 7 on 0", "ignore obsolete"],
    ["cancel 6 on 1", "ignore obsolete"],
    ["abort 6", "ignore obsolete"],
    ["end 1", ""],
    ["barrier 8 on 0", "snapshot 8"],
  ]);
});

test("[C11] what is dropped together goes in order of id, whichever channel was the first", () => {
  transcript(3, [
    ["barrier 9 on 0", ""],
    ["barrier 8 on 1", ""],
    ["barrier 7 on 2", ""],
    [
      "cancel 9 on 1",
      "decline 7, abandon 7, forward-cancel 7, decline 8, abandon 8, forward-cancel 8, " +
        "abandon 9, forward-cancel 9",
    ],
  ]);
});

test("[C8] aborts are remembered once each, up to a bound, the newest, until they are over", () => {
  let state = step(createCount(2), "abort 67").state;
  expect(state.aborted).toEqual([67]);
  for (let id = PENDING_KEPT_MAX + 1; id > 0; id -= 2) state = step(state, `abort ${id}`).state;
  expect(textOf(step(state, "abort 67"))).toBe("ignore obsolete");
  for (let id = 2; id <= PENDING_KEPT_MAX + 2; id += 2) state = step(state, `abort ${id}`).state;
  expect(state.aborted).toEqual(Array.from({ length: PENDING_KEPT_MAX }, (_, i) => i + 4));
  expect(step(state, "barrier 60 on 0").state.aborted).toEqual([61, 62, 63, 64, 65, 66, 67]);
});

test("what a gate does not have, and what no id can be, is our own mistake", () => {
  const gate = createCount(2);
  for (const event of ["barrier 1 on 2", "cancel 1 on 2", "end 2"]) {
    expect(() => step(gate, event), event).toThrow("channel 2 is not an integer from 0 to 1");
  }
  for (const event of ["barrier 0 on 0", "abort 0"]) {
    expect(() => step(gate, event), event).toThrow("checkpoint id 0 is not an integer from 1");
  }
  expect(() => step(createCount(0), "trigger 0")).toThrow("checkpoint id 0 is not an integer");
  expect(() => step(gate, "trigger 1")).toThrow("trigger 1 of a gate");
  expect(() => step(step(gate, "end 0").state, "end 0")).toThrow("channel 0 ended twice");
  expect(() => createCount(-1)).toThrow("channel count -1 is not an integer from 0");
});

const events = fc.array(
  fc.oneof(
    fc.tuple(fc.constantFrom("barrier", "cancel"), fc.nat(2), fc.nat(1)),
    fc.tuple(fc.constant("abort"), fc.integer({ min: 1, max: 6 }), fc.constant(0)),
  ),
  { maxLength: 40 },
);

test("[BC2] [BC3] ids rise, and none has both a barrier and a cancellation", () => {
  fc.assert(
    fc.property(events, (drawn) => {
      let state = createCount(3);
      const next = [1, 1, 1];
      const taken: number[] = [];
      const cancelled: number[] = [];
      for (const [kind, at, skip] of drawn) {
        let event = `abort ${at}`;
        if (kind !== "abort") {
          next[at] = next[at]! + skip;
          event = `${kind} ${next[at]++} on ${at}`;
        }
        const done = step(state, event);
        state = done.state;
        for (const effect of done.effects) {
          if (effect.kind === "snapshot") taken.push(effect.checkpointId);
          if (effect.kind === "forward-cancel") cancelled.push(effect.checkpointId);
        }
      }
      expect(taken).toEqual([...new Set(taken)].sort((a, b) => a - b));
      expect(cancelled).toEqual([...new Set(cancelled)]);
      expect(taken.filter((id) => cancelled.includes(id))).toEqual([]);
    }),
    { seed: 10, numRuns: 300 },
  );
});
