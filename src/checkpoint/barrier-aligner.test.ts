import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unreachable } from "../core/assert.ts";
import { asChannelIndex, asCheckpointId } from "../core/ids.ts";
import {
  ABORTED_KEPT_MAX,
  createAligner,
  onAbort,
  onBarrier,
  onCancelBarrier,
  onEndOfInput,
  onTrigger,
  type Aligner,
  type AlignerEffect,
  type AlignerStep,
} from "./barrier-aligner.ts";

/** "barrier 7 on 0", "cancel 7 on 0", "end on 0", "abort 7", "trigger 7". */
function play(state: Aligner, event: string): AlignerStep {
  const match = /^(barrier|cancel|end|abort|trigger)(?: (\d+))?(?: on (\d+))?$/.exec(event);
  if (match === null) throw new Error(`no such event: ${event}`);
  const checkpointId = asCheckpointId(Number(match[2]));
  const channel = asChannelIndex(Number(match[3]));
  switch (match[1]) {
    case "barrier":
      return onBarrier(state, { channel, checkpointId });
    case "cancel":
      return onCancelBarrier(state, { channel, checkpointId });
    case "end":
      return onEndOfInput(state, channel);
    case "abort":
      return onAbort(state, checkpointId);
    default:
      return onTrigger(state, checkpointId);
  }
}

function text(effect: AlignerEffect): string {
  switch (effect.kind) {
    case "block":
      return `block ${effect.channel}`;
    case "snapshot":
    case "abandon":
    case "decline":
    case "forward-cancel":
      return `${effect.kind} ${effect.checkpointId}`;
    case "unblock-all":
      return "unblock-all";
    case "ignore":
      return `ignore ${effect.why}`;
    default:
      return unreachable(effect);
  }
}

function transcript(
  gate: { channelCount: number },
  lines: readonly (readonly [event: string, effects: string])[],
): Aligner {
  let state = createAligner(gate.channelCount);
  const played = lines.map(([event]) => {
    const step = play(state, event);
    state = step.state;
    return [event, step.effects.map(text).join(", ")];
  });
  expect(played).toEqual(lines);
  return state;
}

describe("barriers", () => {
  test("[C1] [C2] early channels are blocked until the last barrier, then the snapshot", () => {
    transcript({ channelCount: 3 }, [
      ["barrier 1 on 2", "block 2"],
      ["barrier 1 on 0", "block 0"],
      ["barrier 1 on 1", "snapshot 1, unblock-all"],
      ["barrier 2 on 1", "block 1"],
    ]);
  });

  test("[C2] a gate of one channel takes its snapshot at once", () => {
    transcript({ channelCount: 1 }, [
      ["barrier 1 on 0", "snapshot 1, unblock-all"],
      ["barrier 2 on 0", "snapshot 2, unblock-all"],
    ]);
  });

  test("[BA3] [C5] a newer barrier ends the alignment it overtakes, once", () => {
    transcript({ channelCount: 2 }, [
      ["barrier 7 on 0", "block 0"],
      ["barrier 8 on 1", "decline 7, abandon 7, forward-cancel 7, unblock-all, block 1"],
      ["barrier 7 on 0", "ignore obsolete-barrier"],
      ["barrier 8 on 0", "snapshot 8, unblock-all"],
    ]);
  });

  test("[C5] channels of two ids never mix", () => {
    transcript({ channelCount: 3 }, [
      ["barrier 7 on 0", "block 0"],
      ["barrier 7 on 1", "block 1"],
      ["barrier 8 on 2", "decline 7, abandon 7, forward-cancel 7, unblock-all, block 2"],
      ["barrier 8 on 0", "block 0"],
      ["barrier 8 on 1", "snapshot 8, unblock-all"],
    ]);
  });

  test("[BA2] [C6] a barrier of what is done, given up or cancelled is ignored", () => {
    transcript({ channelCount: 2 }, [
      ["barrier 3 on 0", "block 0"],
      ["barrier 3 on 1", "snapshot 3, unblock-all"],
      ["barrier 2 on 1", "ignore obsolete-barrier"],
      ["barrier 3 on 1", "ignore obsolete-barrier"],
      ["cancel 4 on 0", "forward-cancel 4"],
      ["barrier 4 on 1", "ignore obsolete-barrier"],
      ["barrier 5 on 1", "block 1"],
      ["barrier 4 on 0", "ignore obsolete-barrier"],
    ]);
  });

  test("[BA1] what comes from a blocked channel is our own mistake", () => {
    const { state } = play(createAligner(2), "barrier 1 on 0");
    for (const event of ["barrier 1 on 0", "barrier 2 on 0", "cancel 1 on 0", "end on 0"]) {
      expect(() => play(state, event), event).toThrow("BA1 channel 0 is blocked for checkpoint 1");
    }
  });

  test("a channel that the gate does not have is our own mistake, and so is no id", () => {
    const gate = createAligner(2);
    for (const event of ["barrier 1 on 2", "cancel 1 on 2", "end on 2"]) {
      expect(() => play(gate, event), event).toThrow("channel 2 is not an integer from 0 to 1");
    }
    for (const event of ["barrier 0 on 0", "cancel 0 on 0", "abort 0"]) {
      expect(() => play(gate, event), event).toThrow("checkpoint id 0 is not an integer from 1");
    }
    expect(() => play(createAligner(0), "trigger 0")).toThrow("checkpoint id 0 is not an integer");
    expect(() => createAligner(-1)).toThrow("channel count -1 is not an integer from 0");
  });
});

describe("ended channels", () => {
  test("[C4] [BA5] a channel that ends counts as having delivered the pending barrier", () => {
    transcript({ channelCount: 2 }, [
      ["barrier 1 on 0", "block 0"],
      ["end on 1", "snapshot 1, unblock-all"],
    ]);
  });

  test("[C4] [BA5] a channel that ended earlier is not waited for", () => {
    transcript({ channelCount: 3 }, [
      ["end on 1", ""],
      ["barrier 1 on 0", "block 0"],
      ["barrier 1 on 2", "snapshot 1, unblock-all"],
      ["end on 0", ""],
      ["barrier 2 on 2", "snapshot 2, unblock-all"],
    ]);
  });

  test("[BA5] an ended channel still delivers barriers: they align, and block nothing", () => {
    const state = transcript({ channelCount: 2 }, [
      ["end on 0", ""],
      ["barrier 1 on 0", ""],
    ]);
    expect(state).toMatchObject({ aligning: true, latest: 1 });
    expect(state.blocked.size).toBe(0);
    expect(play(state, "barrier 1 on 1").effects.map(text)).toEqual(["snapshot 1", "unblock-all"]);
    expect(play(state, "cancel 1 on 1").effects.map(text)).toEqual([
      "abandon 1",
      "forward-cancel 1",
    ]);
  });

  test("[C4] after all have ended the first barrier is enough, the others are obsolete", () => {
    transcript({ channelCount: 2 }, [
      ["end on 0", ""],
      ["end on 1", ""],
      ["barrier 1 on 1", "snapshot 1, unblock-all"],
      ["barrier 1 on 0", "ignore obsolete-barrier"],
      ["barrier 2 on 0", "snapshot 2, unblock-all"],
    ]);
  });

  test("[BA5] a channel ends once", () => {
    const { state } = play(createAligner(1), "end on 0");
    expect(() => play(state, "end on 0")).toThrow("BA5 channel 0 ended twice");
  });
});

describe("cancellation markers", () => {
  test("[BA4] [C6] a marker gives up the alignment of its id and goes on downstream", () => {
    transcript({ channelCount: 3 }, [
      ["barrier 4 on 0", "block 0"],
      ["cancel 4 on 1", "abandon 4, forward-cancel 4, unblock-all"],
      ["barrier 4 on 2", "ignore obsolete-barrier"],
      ["cancel 4 on 2", "ignore obsolete-cancel"],
      ["barrier 5 on 0", "block 0"],
    ]);
  });

  test("[C7] a marker of an older id leaves the alignment alone", () => {
    transcript({ channelCount: 2 }, [
      ["barrier 5 on 0", "block 0"],
      ["cancel 4 on 1", "ignore obsolete-cancel"],
      ["barrier 5 on 1", "snapshot 5, unblock-all"],
      ["cancel 5 on 1", "ignore obsolete-cancel"],
    ]);
  });

  test("[C5] a marker of a newer id proves that the older barrier will not come", () => {
    transcript({ channelCount: 2 }, [
      ["barrier 5 on 0", "block 0"],
      ["cancel 6 on 1", "decline 5, abandon 5, forward-cancel 5, unblock-all, forward-cancel 6"],
      ["barrier 6 on 0", "ignore obsolete-barrier"],
    ]);
  });
});

describe("aborts by the job manager", () => {
  test("[C7] [A08] an abort touches the alignment of its own id alone", () => {
    transcript({ channelCount: 2 }, [
      ["barrier 5 on 0", "block 0"],
      ["abort 4", "ignore obsolete-abort"],
      ["abort 6", "ignore remembered-abort"],
      ["barrier 5 on 1", "snapshot 5, unblock-all"],
      ["barrier 6 on 1", "forward-cancel 6"],
      ["barrier 6 on 0", "ignore obsolete-barrier"],
    ]);
  });

  test("[C7] [BA4] an abort of the id being aligned releases its channels", () => {
    transcript({ channelCount: 2 }, [
      ["barrier 5 on 0", "block 0"],
      ["abort 5", "abandon 5, forward-cancel 5, unblock-all"],
      ["barrier 5 on 1", "ignore obsolete-barrier"],
      ["abort 5", "ignore obsolete-abort"],
      ["barrier 6 on 1", "block 1"],
    ]);
  });

  test("[C8] told of the abort before the barrier, it takes no snapshot and blocks nothing", () => {
    transcript({ channelCount: 2 }, [
      ["abort 5", "ignore remembered-abort"],
      ["abort 5", "ignore obsolete-abort"],
      ["barrier 5 on 0", "forward-cancel 5"],
      ["barrier 5 on 1", "ignore obsolete-barrier"],
      ["barrier 6 on 0", "block 0"],
    ]);
  });

  test("[C8] the barrier of an aborted id still gives up what it overtakes", () => {
    transcript({ channelCount: 2 }, [
      ["abort 6", "ignore remembered-abort"],
      ["barrier 5 on 0", "block 0"],
      ["barrier 6 on 1", "decline 5, abandon 5, forward-cancel 5, unblock-all, forward-cancel 6"],
    ]);
  });

  test("[C32] a late abort of what was snapshot already is ignored", () => {
    transcript({ channelCount: 1 }, [
      ["barrier 5 on 0", "snapshot 5, unblock-all"],
      ["abort 5", "ignore obsolete-abort"],
      ["abort 3", "ignore obsolete-abort"],
    ]);
  });

  test("aborts whose barriers never come are kept up to a bound, the newest", () => {
    let state = play(createAligner(1), "abort 67").state;
    expect(state.aborted).toEqual([67]);
    for (let id = ABORTED_KEPT_MAX + 2; id > 0; id--) state = play(state, `abort ${id}`).state;
    expect(state.aborted).toHaveLength(ABORTED_KEPT_MAX);
    expect(state.aborted[0]).toBe(4);
    expect(play(state, "barrier 60 on 0").state.aborted).toEqual([61, 62, 63, 64, 65, 66, 67]);
  });
});

describe("sources", () => {
  test("[C9] a trigger is a snapshot at once; repeated and overtaken ones are ignored", () => {
    transcript({ channelCount: 0 }, [
      ["trigger 1", "snapshot 1"],
      ["trigger 1", "ignore obsolete-barrier"],
      ["trigger 3", "snapshot 3"],
      ["trigger 2", "ignore obsolete-barrier"],
    ]);
  });

  test("[C8] a source told of the abort before the trigger cancels downstream instead", () => {
    transcript({ channelCount: 0 }, [
      ["abort 1", "ignore remembered-abort"],
      ["trigger 1", "forward-cancel 1"],
      ["trigger 1", "ignore obsolete-barrier"],
      ["trigger 2", "snapshot 2"],
    ]);
  });

  test("a gate with channels is never triggered", () => {
    expect(() => play(createAligner(1), "trigger 1")).toThrow("trigger 1 of a gate");
  });
});

/**
 * Each channel holds the markers of ids 1 to k, or skips an id, and then may end. The schedule
 * picks a channel that is not blocked, or an abort, until the channels are empty.
 */
const gates = fc
  .record({ channelCount: fc.integer({ min: 1, max: 4 }), ids: fc.integer({ min: 1, max: 6 }) })
  .chain(({ channelCount, ids }) =>
    fc.record({
      markers: fc.array(
        fc.array(fc.constantFrom("barrier", "barrier", "barrier", "cancel", "nothing"), {
          minLength: ids,
          maxLength: ids,
        }),
        { minLength: channelCount, maxLength: channelCount },
      ),
      endsBefore: fc.array(fc.integer({ min: 0, max: ids + 3 }), {
        minLength: channelCount,
        maxLength: channelCount,
      }),
      schedule: fc.array(fc.nat(1_000), { minLength: 60, maxLength: 60 }),
      aborts: fc.array(fc.integer({ min: 1, max: ids }), { maxLength: 4 }),
    }),
  );

type Gate = typeof gates extends fc.Arbitrary<infer T> ? T : never;

/** On every channel the snapshot comes right behind the barrier, or after the last record. */
function expectCleanCut(id: number, newest: readonly string[], { ended }: Aligner): void {
  newest.forEach((event, channel) => {
    if (!ended.has(asChannelIndex(channel))) expect(event).toBe(`barrier ${id} on ${channel}`);
  });
}

function runGate({ markers, endsBefore, schedule, aborts }: Gate) {
  const last = markers[0]!.length;
  // The newest barrier reaches every channel: nothing older may keep a channel blocked past it.
  const queues = markers.map((kinds, channel) => {
    const queue = kinds.flatMap((kind, i) =>
      kind === "nothing" ? [] : [`${kind} ${i + 1} on ${channel}`],
    );
    queue.push(`barrier ${last + 1} on ${channel}`);
    const at = Math.min(endsBefore[channel]!, queue.length);
    if (endsBefore[channel]! <= last) queue.splice(at, 0, `end on ${channel}`);
    return queue;
  });
  const waiting = aborts.map((id) => `abort ${id}`);
  let state = createAligner(markers.length);
  const effects: AlignerEffect[] = [];
  const newest: string[] = queues.map(() => "");
  for (let step = 0; ; step++) {
    const open = queues.filter((q, i) => q.length > 0 && !state.blocked.has(asChannelIndex(i)));
    if (waiting.length > 0) open.push(waiting);
    if (open.length === 0) break;
    const queue = open[schedule[step % schedule.length]! % open.length]!;
    const event = queue.shift()!;
    const done = play(state, event);
    state = done.state;
    const channel = /on (\d+)$/.exec(event)?.[1];
    if (channel !== undefined) newest[Number(channel)] = event;
    for (const effect of done.effects) {
      if (effect.kind === "snapshot") expectCleanCut(effect.checkpointId, newest, state);
    }
    effects.push(...done.effects);
  }
  return { state, effects, undelivered: queues.flat(), last: last + 1 };
}

test("[BA1] [BA2] [BA3] [BA4] [BA6] [C1-C8] under every interleaving", () => {
  let snapshots = 0;
  let abandoned = 0;
  fc.assert(
    fc.property(gates, (gate) => {
      const { state, effects, undelivered, last } = runGate(gate);
      // Nothing stays blocked, so every channel was read to its end.
      expect(undelivered).toEqual([]);
      expect(state.aligning).toBe(false);
      expect(state.blocked.size).toBe(0);

      const ids = (kind: "snapshot" | "abandon" | "decline" | "forward-cancel"): number[] =>
        effects.flatMap((effect) => (effect.kind === kind ? [effect.checkpointId] : []));
      const taken = ids("snapshot");
      const cancelled = ids("forward-cancel");
      expect(taken).toEqual([...new Set(taken)].sort((a, b) => a - b));
      const ended = [...taken, ...cancelled];
      expect(new Set(ended).size, "each id ends at most once").toBe(ended.length);
      for (const id of ids("abandon")) expect(cancelled).toContain(id);
      for (const id of ids("decline")) expect(ids("abandon")).toContain(id);
      expect(taken.at(-1), "the newest barrier reached every channel").toBe(last);

      let blocked = 0;
      for (const effect of effects) {
        if (effect.kind === "block") blocked++;
        if (effect.kind === "unblock-all") blocked = 0;
      }
      expect(blocked, "the last block was followed by a release").toBe(0);
      snapshots += taken.length;
      abandoned += ids("abandon").length;
    }),
    { seed: 20_251, numRuns: 500 },
  );
  expect(snapshots).toBeGreaterThan(500);
  expect(abandoned).toBeGreaterThan(100);
});
