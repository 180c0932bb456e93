import { expect, test } from "vitest";
import { LATE_EFFECT_MS_MAX } from "../host/object-store.ts";
import { cleanUp, deleteAll } from "./clean-up.ts";
import { RuntimeHost } from "./testing.ts";

const BYTE = new Uint8Array(1);

function stage(...paths: readonly string[]) {
  const host = new RuntimeHost();
  const world = { quiet: true };
  const done: number[] = [];
  const store = host.objectStore;
  for (const path of paths) store.objects.set(path, BYTE);
  const begin = (): void =>
    cleanUp(
      host,
      ["chk/", "jobs/"],
      () => (path) => path === "jobs/_finished",
      () => world.quiet,
      (deleted) => done.push(deleted),
    );
  return { host, store, world, done, begin };
}

test("[C66] everything goes, but for what is kept", () => {
  const { host, store, done, begin } = stage("chk/1/a", "chk/1/b", "jobs/ids", "jobs/_finished");
  begin();
  host.advanceMs(4 * LATE_EFFECT_MS_MAX);
  expect(store.paths).toEqual(["jobs/_finished"]);
  expect(done).toEqual([3]);
});

test("[C66] what an upload of unknown outcome brings later goes as well", () => {
  const { host, store, done, begin } = stage("chk/1/a");
  begin();
  host.advanceMs(LATE_EFFECT_MS_MAX - 100);
  expect(done).toEqual([]);
  store.objects.set("chk/1/late", BYTE);
  host.advanceMs(4 * LATE_EFFECT_MS_MAX);
  expect([store.paths, done]).toEqual([[], [2]]);
});

test("[C66] it is not over while some process may still begin an upload", () => {
  const { host, store, world, done, begin } = stage();
  world.quiet = false;
  begin();
  host.advanceMs(20 * LATE_EFFECT_MS_MAX);
  expect(done).toEqual([]);
  store.objects.set("chk/1/slow", BYTE);
  world.quiet = true;
  host.advanceMs(LATE_EFFECT_MS_MAX);
  world.quiet = false;
  host.advanceMs(LATE_EFFECT_MS_MAX);
  world.quiet = true;
  expect(done).toEqual([]);
  host.advanceMs(4 * LATE_EFFECT_MS_MAX);
  expect([store.paths, done]).toEqual([[], [1]]);
});

test("[C40] it gets there however often the store refuses or times out", () => {
  const { host, store, done, begin } = stage("chk/1/a", "chk/1/b");
  store.misbehave("lost", 3, /^list/);
  store.misbehave("late", 2, /^delete/);
  store.misbehave("unavailable", 5, /^delete/);
  begin();
  host.advanceMs(10 * LATE_EFFECT_MS_MAX);
  expect([store.paths, done]).toEqual([[], [2]]);
});

test("[C40] done again after a crash in the middle, it ends the same", () => {
  const { host, store, done, begin } = stage("chk/1/a", "chk/1/b");
  store.misbehave("held", 1, /delete chk\/1\/a/);
  begin();
  host.advanceMs(LATE_EFFECT_MS_MAX);
  begin();
  host.advanceMs(4 * LATE_EFFECT_MS_MAX);
  expect([store.paths, done]).toEqual([[], [0]]);
});

test("deleting nothing is done at once, deleting many when the last is answered", () => {
  const host = new RuntimeHost();
  const told: string[] = [];
  deleteAll(host, [], () => told.push("none"));
  host.objectStore.misbehave("held", 1, /delete b/);
  deleteAll(host, ["a", "b"], () => told.push("both"));
  host.advanceMs(100);
  expect(told).toEqual(["none"]);
  host.objectStore.release();
  expect(told).toEqual(["none", "both"]);
});
