import fc from "fast-check";
import { expect, test } from "vitest";
import { asChannelIndex, asCheckpointId } from "../core/ids.ts";
import {
  barrierArrived,
  barrierRead,
  cancelRead,
  createOvertaking,
  endArrived,
  endRead,
  overtakingAbort,
  overtakingTimedOut,
  overtakingTrigger,
  type Haste,
  type Overtaking,
  type OvertakingEffect,
  type OvertakingStep,
} from "./unaligned.ts";

function effectText(effect: OvertakingEffect): string {
  switch (effect.kind) {
    case "block":
      return `block ${effect.channel}`;
    case "unblock-all":
      return effect.kind;
    case "snapshot":
      return `snapshot ${effect.checkpointId}${effect.urgent ? " urgently" : ""}`;
    case "gather":
      return `gather ${effect.channel}${effect.complete ? " in full" : ""}`;
    case "gathered":
      return `gathered ${effect.channel}`;
    case "abandon":
      return `abandon ${effect.checkpointId}${effect.gathering ? " gathering" : ""}`;
    case "ignore":
      return effect.why;
    default:
      return `${effect.kind} ${effect.checkpointId}`;
  }
}

/** "urgent 7 at 0" has arrived; "read urgent 7 at 0" has been read. */
function step(state: Overtaking, text: string): OvertakingStep {
  const words = text.split(" ");
  const read = words[0] === "read";
  const [kind, number, , at] = read ? words.slice(1) : words;
  const checkpointId = asCheckpointId(Number(number));
  const channel = asChannelIndex(Number(at ?? number));
  switch (kind) {
    case "end":
      return read ? endRead(state, channel) : endArrived(state, channel);
    case "cancel":
      return cancelRead(state, { channel, checkpointId });
    case "abort":
      return overtakingAbort(state, checkpointId);
    case "time-out":
      return overtakingTimedOut(state, checkpointId);
    default: {
      const haste = kind as Haste;
      if (state.overtakable.length === 0) return overtakingTrigger(state, checkpointId, haste);
      const barrier = { channel, checkpointId, haste };
      return read ? barrierRead(state, barrier) : barrierArrived(state, barrier);
    }
  }
}

/** One letter a channel: "o" where barriers may overtake, "a" where they always align. */
function transcript(channels: string, lines: readonly (readonly [string, string])[]): Overtaking {
  let state = createOvertaking([...channels].map((letter) => letter === "o"));
  for (const [event, effects] of lines) {
    const next = step(state, event);
    expect([event, next.effects.map(effectText).join(", ")]).toEqual([event, effects]);
    state = next.state;
  }
  return state;
}

test("[C12] [C13] [C16] the first barrier takes the snapshot, the others end what is gathered", () => {
  transcript("ooo", [
    ["urgent 7 at 1", "gather 0, gather 1 in full, gather 2, snapshot 7 urgently"],
    ["urgent 7 at 2", "gathered 2"],
    ["read urgent 7 at 1", "obsolete"],
    ["urgent 7 at 0", "gathered 0"],
    ["read urgent 7 at 0", "obsolete"],
    ["read urgent 7 at 2", "obsolete"],
    ["urgent 8 at 0", "gather 0 in full, gather 1, gather 2, snapshot 8 urgently"],
  ]);
});

test("[A11] a barrier that overtook nothing ends gathering as well", () => {
  transcript("oo", [
    ["urgent 7 at 0", "gather 0 in full, gather 1, snapshot 7 urgently"],
    ["limited 7 at 1", "gathered 1"],
  ]);
});

test("[C19] [UA5] where channels always align, the snapshot waits for these, and only for these", () => {
  transcript("aoo", [
    ["urgent 7 at 1", ""],
    ["read urgent 7 at 1", "block 1"],
    ["urgent 7 at 0", ""],
    ["read urgent 7 at 0", "block 0, gather 1 in full, gather 2, snapshot 7 urgently, unblock-all"],
    ["urgent 7 at 2", "gathered 2"],
  ]);
});

test("[C13] [C19] [UA6] what was read up to a barrier is gathered too: its last record may be torn", () => {
  transcript("oa", [
    ["urgent 7 at 0", ""],
    ["read urgent 7 at 0", "block 0"],
    ["urgent 7 at 1", ""],
    ["read urgent 7 at 1", "block 1, gather 0 in full, snapshot 7 urgently, unblock-all"],
  ]);
});

test("[C19] a barrier that is there and not read is overtaken up to its place", () => {
  transcript("ao", [
    ["urgent 7 at 1", ""],
    ["urgent 7 at 0", ""],
    ["read urgent 7 at 0", "block 0, gather 1 in full, snapshot 7 urgently, unblock-all"],
    ["read urgent 7 at 1", "obsolete"],
  ]);
});

test("[C18] a barrier in no haste aligns like any other, whatever else the job does", () => {
  transcript("oo", [
    ["patient 7 at 0", "not-yet"],
    ["read patient 7 at 0", "block 0"],
    ["patient 7 at 1", ""],
    ["time-out 7", "gather 0 in full, gather 1 in full, snapshot 7 urgently, unblock-all"],
  ]);
  transcript("oo", [
    ["read patient 7 at 0", "block 0"],
    ["read patient 7 at 1", "block 1, snapshot 7, unblock-all"],
  ]);
});

test("[C18] [C5] one in no haste gives up what is older when it is read, and not when it arrives", () => {
  transcript("oo", [
    ["read patient 7 at 0", "block 0"],
    ["patient 8 at 1", "not-yet"],
    ["patient 7 at 1", ""],
    ["read patient 8 at 1", "abandon 7, forward-cancel 7, unblock-all, block 1"],
  ]);
  transcript("oo", [
    ["urgent 7 at 0", "gather 0 in full, gather 1, snapshot 7 urgently"],
    ["patient 8 at 0", "not-yet"],
    ["read patient 8 at 0", "abandon 7 gathering, block 0"],
  ]);
});

test("[C20] aligned at first, it turns unaligned when it has taken too long", () => {
  transcript("ooo", [
    ["limited 7 at 0", "await-timeout 7"],
    ["read limited 7 at 0", "block 0"],
    ["limited 7 at 2", ""],
    [
      "time-out 7",
      "gather 0 in full, gather 1, gather 2 in full, snapshot 7 urgently, unblock-all",
    ],
    ["limited 7 at 1", "gathered 1"],
    ["time-out 7", "obsolete"],
  ]);
});

test("[C20] after the last barrier there is no switch", () => {
  transcript("oo", [
    ["limited 7 at 0", "await-timeout 7"],
    ["limited 7 at 1", ""],
    ["read limited 7 at 0", "block 0"],
    ["read limited 7 at 1", "block 1, snapshot 7, unblock-all"],
    ["time-out 7", "obsolete"],
  ]);
});

test("[C20] what has become too old is given up and over: it turns nothing that came after it", () => {
  transcript("oo", [
    ["limited 7 at 0", "await-timeout 7"],
    ["limited 8 at 0", "abandon 7, forward-cancel 7, await-timeout 8"],
    ["time-out 7", "obsolete"],
    ["time-out 8", "gather 0 in full, gather 1, snapshot 8 urgently"],
  ]);
});

test("[C20] a barrier that overtook upstream turns those that wait for it", () => {
  transcript("oo", [
    ["limited 7 at 0", "await-timeout 7"],
    ["read limited 7 at 0", "block 0"],
    ["urgent 7 at 1", "gather 0 in full, gather 1 in full, snapshot 7 urgently, unblock-all"],
  ]);
});

test("[C20] [C19] timed out, it still waits for channels that always align", () => {
  transcript("oa", [
    ["limited 7 at 0", "await-timeout 7"],
    ["time-out 7", ""],
    ["limited 7 at 1", ""],
    ["read limited 7 at 1", "block 1, gather 0 in full, snapshot 7 urgently, unblock-all"],
  ]);
});

test("[C22] [A10] an abort ends the gathering of its own id, and of no other", () => {
  transcript("oo", [
    ["urgent 7 at 0", "gather 0 in full, gather 1, snapshot 7 urgently"],
    ["abort 6", "obsolete"],
    ["abort 8", "remembered-abort"],
    ["abort 7", "abandon 7 gathering"],
    ["urgent 7 at 1", "obsolete"],
    ["urgent 8 at 0", "forward-cancel 8"],
    ["urgent 9 at 0", "gather 0 in full, gather 1, snapshot 9 urgently"],
    ["abort 7", "obsolete"],
    ["urgent 9 at 1", "gathered 1"],
  ]);
});

test("[C5] [UA3] a newer barrier gives up what is gathered or aligned for an older one", () => {
  transcript("oo", [
    ["urgent 7 at 0", "gather 0 in full, gather 1, snapshot 7 urgently"],
    ["urgent 8 at 0", "abandon 7 gathering, gather 0 in full, gather 1, snapshot 8 urgently"],
    ["urgent 7 at 1", "obsolete"],
    ["urgent 8 at 1", "gathered 1"],
    ["read patient 9 at 0", "block 0"],
    [
      "urgent 10 at 1",
      "abandon 9, forward-cancel 9, unblock-all, gather 0, gather 1 in full, snapshot 10 urgently",
    ],
  ]);
});

test("[UA4] what was cancelled upstream is given up; downstream hears it if it had no barrier", () => {
  transcript("oo", [
    ["urgent 7 at 0", "gather 0 in full, gather 1, snapshot 7 urgently"],
    ["cancel 7 at 1", "abandon 7 gathering"],
    ["cancel 7 at 1", "obsolete"],
    ["limited 8 at 0", "await-timeout 8"],
    ["read limited 8 at 0", "block 0"],
    ["cancel 8 at 1", "abandon 8, forward-cancel 8, unblock-all"],
    ["cancel 9 at 1", "forward-cancel 9"],
    ["urgent 9 at 0", "obsolete"],
  ]);
});

test("[C4] a channel that has ended is complete when its end arrives, and aligned when it is read", () => {
  transcript("oo", [
    ["end 1", ""],
    ["urgent 7 at 0", "gather 0 in full, gather 1 in full, snapshot 7 urgently"],
    ["read end 1", ""],
    ["urgent 8 at 0", "gather 0 in full, snapshot 8 urgently"],
    ["read urgent 8 at 1", "obsolete"],
  ]);
  transcript("oo", [
    ["urgent 7 at 0", "gather 0 in full, gather 1, snapshot 7 urgently"],
    ["end 1", "gathered 1"],
  ]);
  transcript("oa", [
    ["urgent 7 at 0", ""],
    ["end 1", ""],
    ["read end 1", "gather 0 in full, snapshot 7 urgently"],
  ]);
});

test("[C4] a channel of which all has been read is not waited for, and its barriers do not block it", () => {
  transcript("oo", [
    ["end 1", ""],
    ["read end 1", ""],
    ["patient 7 at 1", "not-yet"],
    ["read patient 7 at 1", ""],
    ["read patient 7 at 0", "block 0, snapshot 7, unblock-all"],
  ]);
});

test("[C32] of what was aborted ahead the newest ids are kept, in whatever order they come", () => {
  const { aborted } = transcript("o", [
    ["abort 9", "remembered-abort"],
    ["abort 8", "remembered-abort"],
    ["abort 9", "obsolete"],
    ["abort 10", "remembered-abort"],
    ["abort 11", "remembered-abort"],
  ]);
  expect(aborted).toEqual([8, 9, 10, 11]);
  const later = transcript("o", [
    ["abort 9", "remembered-abort"],
    ["abort 8", "remembered-abort"],
    ["abort 7", "remembered-abort"],
    ["urgent 8 at 0", "forward-cancel 8"],
  ]);
  expect(later.aborted).toEqual([9]);
  const ids = Array.from({ length: 70 }, (_, i) => 200 - i);
  const many = transcript(
    "o",
    ids.map((id) => [`abort ${id}`, "remembered-abort"]),
  );
  expect(many.aborted).toEqual(Array.from({ length: 64 }, (_, i) => 137 + i));
});

test("what no caller may ask for is refused: a channel that there is not, a trigger where barriers come", () => {
  const text = "channel 2 is not an integer from 0 to 1";
  for (const event of [
    "urgent 7 at 2",
    "read urgent 7 at 2",
    "cancel 7 at 2",
    "end 2",
    "read end 2",
  ])
    expect(() => step(createOvertaking([true, true]), event), event).toThrow(text);
  const gate = createOvertaking([true]);
  expect(() => overtakingTrigger(gate, asCheckpointId(7), "urgent")).toThrow("trigger 7 of a gate");
});

test("[C6] [C8] a source takes each id once, and none that was aborted first", () => {
  transcript("", [
    ["urgent 7", "snapshot 7 urgently"],
    ["urgent 7", "obsolete"],
    ["abort 8", "remembered-abort"],
    ["urgent 8", "forward-cancel 8"],
    ["limited 9", "snapshot 9"],
  ]);
});

type Queued = Readonly<{ id: number; haste: Haste }>;

test("[UA1] [UA2] [UA3] [UA5] [UA6] whatever comes in which order, every snapshot is whole or given up", () => {
  const moves = fc.array(fc.tuple(fc.constantFrom("send", "read", "abort", "late"), fc.nat(2)), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(moves, fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), (drawn, kinds) => {
      let state = createOvertaking(kinds);
      const queues: Queued[][] = [[], [], []];
      const sent = [0, 0, 0];
      const blocked = new Set<number>();
      const taken: number[] = [];
      const gathered = new Set<number>();
      const open = new Map<number, number>();
      const tell = (next: OvertakingStep): void => {
        state = next.state;
        for (const effect of next.effects) {
          if (effect.kind === "block") blocked.add(effect.channel);
          if (effect.kind === "unblock-all") blocked.clear();
          if (effect.kind === "snapshot") {
            taken.push(effect.checkpointId);
            const torn = effect.urgent ? [...blocked].filter((one) => kinds[one]) : [];
            expect(gathered).toEqual(new Set([...gathered, ...torn]));
            gathered.clear();
          }
          if (effect.kind === "gather") {
            expect(kinds[effect.channel]).toBe(true);
            gathered.add(effect.channel);
            if (!effect.complete) open.set(effect.channel, effect.checkpointId);
          }
          if (effect.kind === "gathered") {
            expect(open.get(effect.channel)).toBe(effect.checkpointId);
            open.delete(effect.channel);
          }
          if (effect.kind === "abandon" && effect.gathering) {
            expect([...open.values()]).toContain(effect.checkpointId);
            open.clear();
          }
        }
      };
      for (const [move, at] of drawn) {
        const channel = asChannelIndex(at);
        if (move === "abort") tell(overtakingAbort(state, asCheckpointId(sent[at]! + 1)));
        if (move === "late") tell(overtakingTimedOut(state, state.latest));
        if (move === "send") {
          const id = ++sent[at]!;
          const haste = (["patient", "limited", "urgent"] as const)[id % 3]!;
          queues[at]!.push({ id, haste });
          tell(barrierArrived(state, { channel, checkpointId: asCheckpointId(id), haste }));
        }
        const next = move === "read" && !blocked.has(at) ? queues[at]!.shift() : undefined;
        if (next === undefined) continue;
        const checkpointId = asCheckpointId(next.id);
        tell(barrierRead(state, { channel, checkpointId, haste: next.haste }));
      }
      expect(taken).toEqual([...new Set(taken)].sort((a, b) => a - b));
      expect(new Set(open.keys())).toEqual(new Set(state.open));
      if (state.phase !== "aligning") expect(blocked.size).toBe(0);
    }),
    { seed: 12, numRuns: 500 },
  );
});
