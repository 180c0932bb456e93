import { expect, test } from "vitest";
import { asCheckpointId, asLeaderEpoch, attemptOf } from "../core/ids.ts";
import { metadataPath, savepointMetadataPath } from "../checkpoint/checkpoint-paths.ts";
import { JobEnd } from "./job-end.ts";
import type { JobOutcome } from "./failover.ts";
import { leaderPath, reservationPath, terminalPath } from "./job-paths.ts";
import { RuntimeHost } from "./testing.ts";

const EPOCH = asLeaderEpoch(2);
const ATTEMPT = attemptOf(EPOCH, 3);
const BYTE = new Uint8Array(1);
const METADATA = metadataPath("j", asCheckpointId(1));
const LONG_MS = 60_000;

function stage(run = 1, isKept: (path: string) => boolean = () => false) {
  const host = new RuntimeHost("jm");
  const store = host.objectStore;
  for (const path of [
    METADATA,
    leaderPath("j", asLeaderEpoch(1)),
    leaderPath("j", EPOCH),
    reservationPath("j", asCheckpointId(32)),
  ]) {
    store.objects.set(path, BYTE);
  }
  const world = { unsettled: false, idle: true };
  const retired: number[] = [];
  const end = new JobEnd({
    host,
    job: "j",
    run,
    isKept,
    outliving: (outcome) => new Set(outcome === "failed" ? [METADATA] : []),
    isUnsettled: () => world.unsettled,
    isIdle: () => world.idle,
    onRetired: (attempt) => retired.push(attempt),
  });
  const begin = (outcome: JobOutcome): void =>
    end.begin({ outcome, epoch: EPOCH, lastAttempt: ATTEMPT });
  return { host, store, world, end, retired, begin };
}

test("[JE1] the record is there before anything is deleted", () => {
  const { host, store, retired, begin } = stage();
  begin({ kind: "finished" });
  host.advanceMs(LONG_MS);
  const [first, ...others] = store.take();
  expect(first).toBe(`put ${terminalPath("j", "finished")}`);
  expect(others).toContain(`delete ${METADATA}`);
  expect(host.takeNotes()).toEqual(["job-finished", "clean-up-done"]);
  expect(retired).toEqual([ATTEMPT]);
});

test("[JE1] [C124] what stays is the record, and the leader that wrote it", () => {
  const { host, store, begin } = stage();
  begin({ kind: "cancelled" });
  host.advanceMs(LONG_MS);
  expect(store.paths).toEqual([terminalPath("j", "cancelled"), leaderPath("j", EPOCH)]);
  expect(host.takeNotes()).toEqual(["job-cancelled", "clean-up-done"]);
});

test("[JE1] a record of unknown outcome is written again; nothing is deleted meanwhile", () => {
  const { host, store, begin } = stage();
  store.misbehave("lost", 5, /^put/);
  store.misbehave("unavailable", 5, /^put/);
  begin({ kind: "finished" });
  host.advanceMs(500);
  expect(store.paths).toContain(METADATA);
  expect(host.takeNotes()).toEqual([]);
  host.advanceMs(LONG_MS);
  expect(host.takeNotes()).toEqual(["job-finished", "clean-up-done"]);
});

test("[JE2] [C123] while a checkpoint's metadata may or may not be there, nothing is recorded", () => {
  const { host, store, world, end, begin } = stage();
  world.unsettled = true;
  begin({ kind: "finished" });
  end.proceed();
  host.advanceMs(LONG_MS);
  expect(store.take()).toEqual([]);
  world.unsettled = false;
  end.proceed();
  end.proceed();
  host.advanceMs(LONG_MS);
  expect(host.takeNotes()).toEqual(["job-finished", "clean-up-done"]);
});

test("settling means nothing to a job that has not ended", () => {
  const { host, store, end } = stage();
  end.proceed();
  host.advanceMs(LONG_MS);
  expect(store.take()).toEqual([]);
});

test("a job ends once: a second outcome changes nothing", () => {
  const { host, store, begin } = stage();
  begin({ kind: "failed", why: "no restart left" });
  begin({ kind: "finished" });
  host.advanceMs(LONG_MS);
  expect(host.takeNotes()).toEqual(["job-failed", "clean-up-done"]);
  expect(store.paths).toEqual([METADATA, terminalPath("j", "failed"), leaderPath("j", EPOCH)]);
});

test("[JE1] [C40] a successor that finds the record finishes the clean-up", () => {
  const { host, store, end, retired } = stage();
  const newer = asLeaderEpoch(3);
  store.objects.set(terminalPath("j", "finished"), BYTE);
  store.objects.set(leaderPath("j", newer), BYTE);
  end.resume("finished", newer, attemptOf(newer, 0));
  host.advanceMs(LONG_MS);
  expect(store.paths).toEqual([terminalPath("j", "finished"), leaderPath("j", newer)]);
  expect(retired).toEqual([attemptOf(newer, 0)]);
});

test("[C66] it is not clean while some task manager may still be at work", () => {
  const { host, world, begin } = stage();
  world.idle = false;
  begin({ kind: "finished" });
  host.advanceMs(LONG_MS);
  expect(host.takeNotes()).toEqual(["job-finished"]);
  world.idle = true;
  host.advanceMs(LONG_MS);
  expect(host.takeNotes()).toEqual(["clean-up-done"]);
});

test("[C39] a checkpoint that is to outlive the job stays, and all others go", () => {
  const { host, store, begin } = stage();
  store.objects.set(metadataPath("j", asCheckpointId(2)), BYTE);
  begin({ kind: "failed", why: "no restart left" });
  host.advanceMs(LONG_MS);
  expect(store.paths).toEqual([METADATA, terminalPath("j", "failed"), leaderPath("j", EPOCH)]);
});

test("[C41] [C66] savepoints stay if they are complete; what is left of others goes", () => {
  const { host, store, begin } = stage();
  const named = savepointMetadataPath("j", asCheckpointId(3), "nightly");
  const file = named.replace("metadata-nightly", "1.1/0-0");
  const broken = file.replace("03/", "04/");
  for (const path of [named, file, broken]) store.objects.set(path, BYTE);
  begin({ kind: "finished" });
  host.advanceMs(LONG_MS);
  expect(store.paths.filter((path) => path.startsWith("savepoints/"))).toEqual([file, named]);
});

test("[JE3] resumed before it was clean, nothing more of it is deleted, and nothing told", () => {
  const { host, store, end, begin } = stage();
  begin({ kind: "cancelled" });
  end.abandon();
  host.advanceMs(LONG_MS);
  expect(store.take().filter((request) => request.startsWith("delete"))).toEqual([]);
  expect(host.takeNotes()).toEqual(["job-cancelled"]);
});

test("[JE1] it is over once the outcome is on record, and not before", () => {
  const { host, store, world, end, begin } = stage();
  world.unsettled = true;
  begin({ kind: "finished" });
  expect(end.isOver).toBe(false);
  world.unsettled = false;
  store.misbehave("unavailable", 1, /^put/);
  end.proceed();
  host.advanceMs(5);
  expect(end.isOver).toBe(false);
  host.advanceMs(100);
  expect(end.isOver).toBe(true);
});

test("each run has its own record, and what the next one has to find stays", () => {
  const reserved = reservationPath("j", asCheckpointId(32));
  const { host, store, begin } = stage(2, (path) => path === reserved);
  begin({ kind: "finished" });
  host.advanceMs(LONG_MS);
  const record = terminalPath("j", "finished", 2);
  expect(record).not.toBe(terminalPath("j", "finished"));
  expect([...store.paths].sort()).toEqual([record, leaderPath("j", EPOCH), reserved].sort());
});
