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
    .map((effect) => ("why" in effect ? effect.why : `${effect.kind} ${effect.checkpointId}`))
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
    ["barrier 7 on 1", "obsolete"],
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
    ["barrier 7 on 1", "obsolete"],
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
    ["abort 7", "remembered-abort"],
    ["barrier 7 on 0", "forward-cancel 7"],
    ["barrier 7 on 1", "obsolete"],
    ["abort 7", "obsolete"],
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

test("[C6] a source takes each id once, unless it was aborted first", () => {
  transcript(0, [
    ["trigger 7", "snapshot 7"],
    ["trigger 7", "obsolete"],
    ["abort 8", "remembered-abort"],
    ["trigger 8", "forward-cancel 8"],
  ]);
});

test("what never completes is given up in the end, the oldest first", () => {
  let state = createCount(2);
  for (let id = 1; id <= PENDING_KEPT_MAX; id++) state = step(state, `barrier ${id} on 0`).state;
  const next = step(state, `barrier ${PENDING_KEPT_MAX + 1} on 0`);
  expect(textOf(next)).toBe("decline 1, abandon 1, forward-cancel 1");
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
