import { expect, test } from "vitest";
import { err, ok } from "../core/result.ts";
import { RECOVERY_TRIES_MAX, storeErrorText, withRetries } from "./storage-retry.ts";
import { RuntimeHost } from "./testing.ts";

function ask(host: RuntimeHost, triesMax: number): string[] {
  const told: string[] = [];
  withRetries<unknown>(
    host,
    triesMax,
    (done) => {
      told.push(`asked at ${host.wallMs()}`);
      host.objectStore.get("a", 0, done);
    },
    (result) => told.push(result.ok ? "answered" : storeErrorText(result.error)),
  );
  return told;
}

test("[C123] a time-out is asked again, each time after a longer pause, until it is answered", () => {
  const host = new RuntimeHost();
  host.objectStore.objects.set("a", new Uint8Array(1));
  host.objectStore.misbehave("lost", 3);
  host.objectStore.misbehave("unavailable", 1);
  const told = ask(host, 10);
  host.advanceMs(1_000);
  const attempts = [0, 21, 62, 143, 304].map((atMs) => `asked at ${atMs}`);
  expect(told).toEqual([...attempts, "answered"]);
});

test("the pause has a bound", () => {
  const host = new RuntimeHost();
  host.objectStore.misbehave("lost", 20);
  const told = ask(host, 20);
  host.advanceMs(100_000);
  const times = told.slice(0, -1).map((text) => Number(text.split(" ").at(-1)));
  const pauses = times.slice(1).map((atMs, i) => atMs - times[i]!);
  expect(Math.max(...pauses)).toBe(1_001);
});

test("when the tries are used up, the last error is the answer", () => {
  const host = new RuntimeHost();
  host.objectStore.misbehave("unavailable", RECOVERY_TRIES_MAX);
  const told = ask(host, 2);
  host.advanceMs(1_000);
  expect(told).toEqual(["asked at 0", "asked at 21", "unavailable of a"]);
});

test("what will not change by asking again is answered at once", () => {
  const host = new RuntimeHost();
  const told = ask(host, 10);
  host.advanceMs(1_000);
  expect(told).toEqual(["asked at 0", "not-found of a"]);
  expect(storeErrorText(err({ kind: "exists", path: "b" } as const).error)).toBe("exists of b");
});

test("[C123] who is told to slow down does, at once and from then on", () => {
  const host = new RuntimeHost();
  const [throttled, lost] = ["throttled", "timeout"] as const;
  const told: number[] = [];
  const answers = [throttled, lost, throttled, lost];
  withRetries<undefined>(
    host,
    10,
    (done) => {
      told.push(host.wallMs());
      const kind = answers[told.length - 1];
      done(kind === undefined ? ok(undefined) : err({ kind, path: "a" }));
    },
    () => told.push(-1),
  );
  host.advanceMs(10_000);
  expect(told).toEqual([0, 200, 600, 1_400, 2_400, -1]);
});

test("what has succeeded may be asked again all the same, where the host wants to see that", () => {
  class Doubting extends RuntimeHost {
    doubts = 3;
    override buggify(place?: string): boolean {
      return place === "store-again" && this.doubts-- > 0;
    }
  }
  const host = new Doubting();
  host.objectStore.objects.set("a", new Uint8Array(1));
  const told = ask(host, 10);
  host.advanceMs(1_000);
  expect(told).toEqual(["asked at 0", "asked at 21", "asked at 62", "asked at 143", "answered"]);
  const bounded = new Doubting();
  bounded.objectStore.objects.set("a", new Uint8Array(1));
  const twice = ask(bounded, 2);
  bounded.advanceMs(1_000);
  expect(twice).toEqual(["asked at 0", "asked at 21", "answered"]);
});
