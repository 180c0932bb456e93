import { expect, test } from "vitest";
import { createTimers, type TimerSet } from "./timers.ts";

function drain(timers: TimerSet<string>, limitMs: number): readonly string[] {
  const fired: string[] = [];
  for (;;) {
    const timer = timers.take(limitMs);
    if (timer === undefined) return fired;
    fired.push(`${timer.keyText}@${timer.timeMs}`);
  }
}

test("[C71] what is due fires in order of time, then of key; the rest stays", () => {
  const timers = createTimers<string>();
  for (const [timeMs, key] of [
    [20, "b"],
    [10, "z"],
    [30, "a"],
    [20, "a"],
  ] as const) {
    timers.register(timeMs, key, key);
  }
  expect(timers.firstMs()).toBe(10);
  expect(drain(timers, 20)).toEqual(["z@10", "a@20", "b@20"]);
  expect(drain(timers, 20)).toEqual([]);
  expect(drain(timers, Infinity)).toEqual(["a@30"]);
  expect(timers.firstMs()).toBeUndefined();
});

test("[C70] a timer is there once however often it was registered, and deleting nothing is fine", () => {
  const timers = createTimers<string>();
  timers.register(10, "a", "a");
  timers.register(10, "a", "a");
  timers.register(10, "b", "b");
  timers.remove(10, "b");
  timers.remove(10, "b");
  timers.remove(11, "a");
  expect(drain(timers, 10)).toEqual(["a@10"]);
});

test("[C72] what is registered while firing, at or below the limit, fires in the same sweep", () => {
  const timers = createTimers<string>();
  timers.register(10, "a", "a");
  expect(timers.take(20)?.timeMs).toBe(10);
  timers.register(10, "a", "a");
  timers.register(5, "a", "a");
  timers.register(21, "a", "a");
  expect(drain(timers, 20)).toEqual(["a@5", "a@10"]);
});
