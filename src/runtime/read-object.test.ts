import fc from "fast-check";
import { expect, test } from "vitest";
import type { Result } from "../core/result.ts";
import type { StoreError } from "../host/object-store.ts";
import { readObject } from "./read-object.ts";
import { RuntimeHost } from "./testing.ts";

function stage(size: number, partBytesMax = Number.POSITIVE_INFINITY) {
  const host = new RuntimeHost();
  const store = host.objectStore;
  store.partBytesMax = partBytesMax;
  store.objects.set(
    "a",
    Uint8Array.from({ length: size }, (_, i) => i),
  );
  const answers: Result<Uint8Array, StoreError>[] = [];
  readObject(host, "a", 3, (result) => answers.push(result));
  return { host, store, answers };
}

test("[RO1] [C52] [A05] whatever the store likes to read at a time, all of it comes, and once", () => {
  const property = fc.property(fc.nat(40), fc.integer({ min: 1, max: 50 }), (size, most) => {
    const { host, store, answers } = stage(size, most);
    host.advanceMs(1_000);
    expect(answers).toEqual([{ ok: true, value: store.objects.get("a") }]);
    expect(store.asked).toHaveLength(Math.max(1, Math.ceil(size / most)));
  });
  fc.assert(property, { seed: 5, numRuns: 200 });
});

test("a part that does not come is asked for again, and only that part", () => {
  const { host, store, answers } = stage(5, 2);
  store.misbehave("lost", 2, /from 2/);
  host.advanceMs(1_000);
  expect(answers).toEqual([{ ok: true, value: Uint8Array.of(0, 1, 2, 3, 4) }]);
  const asked = ["get a", "get a from 2", "get a from 2", "get a from 2", "get a from 4"];
  expect(store.asked).toEqual(asked);
});

test("a part that never comes is the answer; so is an object that is not there", () => {
  const { host, store, answers } = stage(5, 2);
  store.misbehave("unavailable", 3, /from 2/);
  host.advanceMs(1_000);
  readObject(host, "b", 3, (result) => answers.push(result));
  host.advanceMs(1_000);
  expect(answers.map((answer) => (answer.ok ? "read" : answer.error.kind))).toEqual([
    "unavailable",
    "not-found",
  ]);
});

test("[RO1] parts of two versions are never put together", () => {
  const { host, store, answers } = stage(4, 2);
  store.objects.set("a", Uint8Array.of(7, 7, 7));
  host.advanceMs(1_000);
  expect(answers).toEqual([{ ok: true, value: Uint8Array.of(7, 7, 7) }]);
});
