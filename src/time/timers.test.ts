/** Timers: what fires, in which order, and what a snapshot of them holds. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvariantError } from "../core/assert.ts";
import { DecodeError } from "../core/bytes.ts";
import { hashText, murmurHash } from "../core/hash.ts";
import { asKeyGroup } from "../core/ids.ts";
import type { KeyGroup } from "../core/ids.ts";
import { compareText } from "../core/ordered.ts";
import { types } from "../types/serializers.ts";
import { StateIncompatibleError } from "../types/state-incompatible.ts";
import { KeyedTimers } from "./timers.ts";
import type { TimerGroupSnapshot } from "./timers.ts";

const GROUPS = 8;
const groupOf = (key: string): KeyGroup => asKeyGroup(murmurHash(hashText(key)) % GROUPS);
const timersOf = (first = 0, last = GROUPS - 1): KeyedTimers<string> =>
  new KeyedTimers({ keyType: types.string, range: { first, last } });

const register = (timers: KeyedTimers<string>, key: string, timestampMs: number): void =>
  timers.registerEventTime(key, groupOf(key), timestampMs);

/** "a@10 b@20": what fires up to a watermark, in order. */
function fire(timers: KeyedTimers<string>, watermarkMs: number): string {
  const fired: string[] = [];
  for (;;) {
    const timer = timers.popEventTimeDue(watermarkMs);
    if (timer === undefined) return fired.join(" ");
    expect(timer.keyGroup).toBe(groupOf(timer.key));
    fired.push(`${timer.key}@${timer.timestampMs}`);
  }
}

describe("timers", () => {
  test("[TQ1] [C70] registering twice fires once, under each key on its own", () => {
    const timers = timersOf();
    for (const key of ["a", "b", "a"]) register(timers, key, 10);
    register(timers, "a", 20);
    register(timers, "a", 20);
    expect(timers.eventTimeCount).toBe(3);
    expect(fire(timers, 100)).toBe("a@10 b@10 a@20");
    expect(fire(timers, 100)).toBe("");
  });

  test("[TQ1] [C70] deleting takes exactly one timer, and what is absent changes nothing", () => {
    const timers = timersOf();
    for (const at of [10, 20, 30]) register(timers, "a", at);
    timers.deleteEventTime("a", 20);
    timers.deleteEventTime("a", 20);
    timers.deleteEventTime("a", 25);
    timers.deleteEventTime("b", 10);
    timers.deleteProcessingTime("a", 10);
    expect(fire(timers, 100)).toBe("a@10 a@30");
    register(timers, "a", 20);
    expect(fire(timers, 100)).toBe("a@20");
  });

  test("[TQ2] [C71] what is due up to the watermark fires by time, ties by key", () => {
    const timers = timersOf();
    for (const key of ["c", "a", "b"]) for (const at of [20, 10]) register(timers, key, at);
    expect(fire(timers, 9)).toBe("");
    expect(fire(timers, 10)).toBe("a@10 b@10 c@10");
    expect(fire(timers, Infinity)).toBe("a@20 b@20 c@20");
  });

  test("[TM1] [C72] a timer is gone before its callback, which may register for the same advance", () => {
    const timers = timersOf();
    register(timers, "a", 10);
    const first = timers.popEventTimeDue(15);
    expect(first).toMatchObject({ key: "a", timestampMs: 10 });
    register(timers, "a", 10);
    register(timers, "a", 15);
    register(timers, "a", 16);
    expect(fire(timers, 15)).toBe("a@10 a@15");
    expect(fire(timers, 16)).toBe("a@16");
  });

  test("[TM3] [C73] an overdue processing-time timer waits until it is asked for", () => {
    const timers = timersOf();
    expect(timers.nextProcessingTime()).toBeUndefined();
    timers.registerProcessingTime("a", groupOf("a"), 50);
    timers.registerProcessingTime("b", groupOf("b"), 40);
    register(timers, "z", 1);
    expect(timers.nextProcessingTime()).toBe(40);
    expect(timers.popProcessingTimeDue(39)).toBeUndefined();
    expect(timers.popProcessingTimeDue(1_000)?.key).toBe("b");
    expect(timers.nextProcessingTime()).toBe(50);
    timers.deleteProcessingTime("a", 50);
    expect(timers.nextProcessingTime()).toBeUndefined();
    expect(timers.processingTimeCount).toBe(0);
  });

  test.each([NaN, Infinity, -Infinity, 1.5, 2 ** 52])("a timer at %d is refused", (at) => {
    expect(() => register(timersOf(), "a", at)).toThrow(RangeError);
  });

  test("[TM5] [C58] a timer of a key group that is not at home here is refused", () => {
    const timers = timersOf(0, 3);
    expect(() => timers.registerEventTime("a", asKeyGroup(4), 10)).toThrow(InvariantError);
    const foreign = { keyGroup: asKeyGroup(5), bytes: new Uint8Array() };
    expect(() => timers.restore(foreign)).toThrow(/TM5 .* 5 .* 0 to 3/);
  });

  test("a key that is changed in place after registration does not change its timer", () => {
    const keyType = types.record({ name: types.string });
    const timers = new KeyedTimers({ keyType, range: { first: 0, last: 7 } });
    const key = { name: "a" };
    timers.registerEventTime(key, asKeyGroup(1), 10);
    key.name = "b";
    timers.deleteEventTime(key, 10);
    expect(timers.popEventTimeDue(10)?.key).toEqual({ name: "a" });
  });
});

type Timer = Readonly<{ key: string; at: number }>;
const text = ({ key, at }: Timer): string => `${key}@${at}`;
const byTimeThenKey = (a: Timer, b: Timer): number => a.at - b.at || compareText(a.key, b.key);
const timer: fc.Arbitrary<Timer> = fc.record({
  key: fc.constantFrom("a", "b", "c", "dd", "Ω", ""),
  at: fc.integer({ min: -5, max: 60 }),
});

describe("timers against a plain set", () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant("register" as const), timer }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), timer }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("fire" as const), timer }) },
  );

  test("[TQ1] [TQ2] [C70] [C71] [C74] any order of calls, restored in between", () => {
    const property = fc.property(
      fc.array(step, { size: "max", maxLength: 80 }),
      fc.nat(),
      (steps, cut) => {
        let timers = timersOf();
        const model = new Map<string, Timer>();
        steps.forEach(({ kind, timer: { key, at } }, index) => {
          if (index === cut % steps.length) timers = restored(timers.snapshot());
          if (kind === "register") {
            register(timers, key, at);
            model.set(text({ key, at }), { key, at });
          } else if (kind === "delete") {
            const held = [...model.values()];
            const gone = held[Math.abs(at) % Math.max(1, held.length)] ?? { key, at };
            timers.deleteEventTime(gone.key, gone.at);
            model.delete(text(gone));
          } else {
            const due = [...model.values()].filter((other) => other.at <= at);
            for (const other of due) model.delete(text(other));
            const fired = fire(timers, at)
              .split(" ")
              .filter((line) => line !== "");
            expect(fired).toEqual(due.sort(byTimeThenKey).map(text));
          }
          expect(timers.eventTimeCount).toBe(model.size);
        });
      },
    );
    fc.assert(property, { seed: 70, numRuns: 300 });
  });

  test("[TM2] [TM4] order of registration shows neither in firing nor in bytes", () => {
    const property = fc.property(
      fc.array(timer, { size: "max", maxLength: 60 }),
      fc.array(fc.nat()),
      (list, picks) => {
        const shuffled = [...list];
        picks.forEach((pick, i) => shuffled.push(...shuffled.splice(pick % (i + 1), 1)));
        const [one, two] = [timersOf(), timersOf()];
        for (const { key, at } of list) register(one, key, at);
        for (const { key, at } of shuffled) register(two, key, at);
        expect(two.snapshot()).toEqual(one.snapshot());
        expect(fire(two, 100)).toBe(fire(one, 100));
      },
    );
    fc.assert(property, { seed: 71, numRuns: 300 });
  });
});

function restored(groups: readonly TimerGroupSnapshot[], first = 0, last = GROUPS - 1) {
  const timers = timersOf(first, last);
  for (const group of groups) {
    if (group.keyGroup >= first && group.keyGroup <= last) timers.restore(group);
  }
  return timers;
}

describe("snapshots of timers", () => {
  const filled = (): KeyedTimers<string> => {
    const timers = timersOf();
    for (let i = 0; i < 60; i++) {
      const key = `key-${(i * 7) % 20}`;
      register(timers, key, (i * 13) % 50);
      timers.registerProcessingTime(key, groupOf(key), 1_000 + i);
    }
    return timers;
  };

  test("[C63] what happens after a snapshot is invisible to it", () => {
    const timers = filled();
    const snapshot = timers.snapshot();
    const before = restored(snapshot);
    register(timers, "late", 1);
    fire(timers, 25);
    timers.deleteProcessingTime("key-7", 1_001);
    expect(restored(snapshot).snapshot()).toEqual(before.snapshot());
    expect(fire(restored(snapshot), 100)).toBe(fire(filled(), 100));
  });

  test("[C53] [C62] restored any number of times, the bytes are the same", () => {
    const once = filled().snapshot();
    expect(restored(once).snapshot()).toEqual(once);
    expect(restored(restored(once).snapshot()).snapshot()).toEqual(once);
    expect(once.map(({ keyGroup }) => keyGroup)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test("[C58] [C74] two ranges together hold what one held; merged, the same bytes again", () => {
    const whole = filled().snapshot();
    const [low, high] = [restored(whole, 0, 2), restored(whole, 3, 7)];
    expect(low.eventTimeCount + high.eventTimeCount).toBe(filled().eventTimeCount);
    expect(low.processingTimeCount + high.processingTimeCount).toBe(60);
    expect(restored([...high.snapshot(), ...low.snapshot()]).snapshot()).toEqual(whole);
    expect(restored(whole).nextProcessingTime()).toBe(1_000);
  });

  test("[C52] cut anywhere, or with something behind, the bytes are refused", () => {
    const { keyGroup, bytes } = filled().snapshot()[3]!;
    for (let length = 0; length < bytes.length; length++) {
      const cut = { keyGroup, bytes: bytes.slice(0, length) };
      expect(() => timersOf().restore(cut)).toThrow(DecodeError);
    }
    const longer = { keyGroup, bytes: Uint8Array.of(...bytes, 0) };
    expect(() => timersOf().restore(longer)).toThrow(/behind the timers/);
    const newer = { keyGroup, bytes: Uint8Array.of(2, ...bytes.subarray(1)) };
    expect(() => timersOf().restore(newer)).toThrow(/format 2, 1 expected/);
    const twice = timersOf();
    twice.restore({ keyGroup, bytes });
    expect(() => twice.restore({ keyGroup, bytes })).toThrow(/second timer of one key/);
  });

  test("timers under another key type are refused, and the error says what to do", () => {
    const group = filled().snapshot()[0]!;
    const other = new KeyedTimers({ keyType: types.long, range: { first: 0, last: 7 } });
    expect(() => other.restore(group)).toThrow(StateIncompatibleError);
    expect(() => other.restore(group)).toThrow(
      /type string, .* keyed by long; key by string again/,
    );
  });
});
