import { expect, test } from "vitest";
import {
  asAttemptId,
  asCheckpointId,
  asLeaderEpoch,
  asOperatorUid,
  asSubtaskIndex,
  asVertexIndex,
} from "../core/ids.ts";
import { encodeCheckpoint, metadataPath, snapshotPath } from "../checkpoint/checkpoint-metadata.ts";
import { LATE_EFFECT_MS_MAX } from "../host/object-store.ts";
import { READ_AGAIN_MS, type Inheritance } from "./inheritance.ts";
import { leaderPath, reservationPath, terminalPath } from "./job-paths.ts";
import { FIRST_SETTINGS } from "./job-settings.ts";
import { ELECT_AGAIN_MS, takeLeadership } from "./leadership.ts";
import { RuntimeHost } from "./testing.ts";

const NOTHING = new Uint8Array(0);
const id = asCheckpointId;

function metadataOf(checkpointId: number): Uint8Array {
  const attempt = asAttemptId(1);
  const vertex = asVertexIndex(0);
  const path = snapshotPath("j", id(checkpointId), attempt, vertex, asSubtaskIndex(0));
  return encodeCheckpoint({
    id: id(checkpointId),
    ...{ kind: "checkpoint", name: "", stop: "none", mode: "aligned" },
    attempt,
    jobName: "j",
    vertices: [
      {
        index: vertex,
        operators: [asOperatorUid("lines")],
        parallelism: 1,
        maxParallelism: 128,
        subtasks: [
          {
            subtask: asSubtaskIndex(0),
            stored: {
              handle: { path, length: 1, checksum: 1, shared: false },
              inFlight: undefined,
              files: [],
            },
            ended: false,
          },
        ],
      },
    ],
    sources: [],
  });
}

function stage(...paths: readonly string[]) {
  const host = new RuntimeHost("jm");
  const store = host.objectStore;
  for (const path of paths) store.objects.set(path, NOTHING);
  const told: string[] = [];
  const found: Inheritance[] = [];
  const begin = (): void =>
    takeLeadership(host, "j", 2, {
      onElected: (epoch) => told.push(`elected ${epoch}`),
      onReady: (inheritance) => {
        told.push("ready");
        found.push(inheritance);
      },
      onUnreadable: (why) => told.push(`unreadable: ${why}`),
    });
  const complete = (...ids: readonly number[]): void => {
    for (const each of ids) store.objects.set(metadataPath("j", id(each)), metadataOf(each));
  };
  const settle = (): void => host.advanceMs(LATE_EFFECT_MS_MAX + 100);
  return { host, store, told, found, begin, complete, settle };
}

test("the first leader finds nothing", () => {
  const { store, told, found, begin, settle } = stage();
  begin();
  settle();
  expect(told).toEqual(["elected 1", "ready"]);
  const records = { epoch: 1, reservedThrough: 0, settings: 0, terminal: undefined };
  const none = { settings: FIRST_SETTINGS, origin: undefined };
  expect(found).toEqual([{ epoch: 1, records, completed: [], ...none }]);
  expect(store.paths).toEqual([leaderPath("j", asLeaderEpoch(1))]);
});

test("[C122] a later leader has a higher epoch, also when another one was faster", () => {
  const { store, told, begin, settle } = stage(leaderPath("j", asLeaderEpoch(9)));
  store.misbehave("held", 1, /^list/);
  begin();
  store.objects.set(leaderPath("j", asLeaderEpoch(10)), NOTHING);
  store.release();
  settle();
  expect(told).toEqual(["elected 11", "ready"]);
});

test("[C122] [C123] an epoch whose creation timed out is never used, whatever became of it", () => {
  for (const mishap of ["late", "lost"] as const) {
    const { host, store, told, begin, settle } = stage();
    store.misbehave(mishap, 2, /^put-new/);
    begin();
    host.advanceMs(2 * ELECT_AGAIN_MS);
    settle();
    expect(told).toEqual(["elected 3", "ready"]);
  }
});

test("a store that does not answer is not asked again at once; one that says no is", () => {
  const { host, store, told, begin } = stage();
  store.misbehave("unavailable", 1, /^put-new/);
  begin();
  host.advanceMs(ELECT_AGAIN_MS);
  expect(told).toEqual([]);
  host.advanceMs(10);
  expect(told).toEqual(["elected 2"]);
  const taken = stage();
  taken.store.misbehave("held", 1, /^list/);
  taken.begin();
  taken.store.objects.set(leaderPath("j", asLeaderEpoch(1)), NOTHING);
  taken.store.release();
  taken.host.advanceMs(10);
  expect(taken.told).toEqual(["elected 2"]);
});

test("[C123] what a predecessor's request may still bring is waited for before anything is read", () => {
  const { host, store, told, found, begin, complete } = stage();
  store.objects.set(leaderPath("j", asLeaderEpoch(1)), NOTHING);
  begin();
  host.advanceMs(LATE_EFFECT_MS_MAX - 1);
  expect(told).toEqual(["elected 2"]);
  complete(7);
  host.advanceMs(100);
  expect(found[0]?.completed.map((checkpoint) => checkpoint.id)).toEqual([7]);
});

test("[C48] what could not be read is read again, and then it is the newest that is taken", () => {
  const { host, store, told, found, begin, complete, settle } = stage();
  complete(1, 2);
  const path = metadataPath("j", id(2));
  const whole = store.objects.get(path)!;
  store.objects.set(path, whole.slice(0, 30));
  begin();
  settle();
  expect(told.at(-1)).toMatch(/^unreadable: .*metadata/);
  store.objects.set(path, whole);
  host.advanceMs(READ_AGAIN_MS);
  settle();
  expect(found[0]?.completed.map((checkpoint) => checkpoint.id)).toEqual([1, 2]);
});

test("the first leader of a job has nobody to wait for", () => {
  const { host, told, begin } = stage();
  begin();
  host.advanceMs(100);
  expect(told).toEqual(["elected 1", "ready"]);
});

test("[C123] whoever finds the first epoch taken has a predecessor to wait for", () => {
  const { host, store, told, begin } = stage();
  store.misbehave("held", 1, /^list/);
  begin();
  store.objects.set(leaderPath("j", asLeaderEpoch(1)), NOTHING);
  store.release();
  host.advanceMs(LATE_EFFECT_MS_MAX - 100);
  expect(told).toEqual(["elected 2"]);
});

test("[C47] the completed checkpoints with the highest ids are brought along, in order", () => {
  const { store, found, begin, complete, settle } = stage();
  complete(9, 100, 10);
  store.objects.set(
    snapshotPath("j", id(101), asAttemptId(1), asVertexIndex(0), asSubtaskIndex(0)),
    NOTHING,
  );
  begin();
  settle();
  expect(found[0]?.completed.map((checkpoint) => checkpoint.id)).toEqual([10, 100]);
});

test("[C48] a checkpoint that cannot be read stops it: no older one is taken instead", () => {
  const { store, told, begin, complete, settle } = stage();
  complete(1, 2);
  store.objects.get(metadataPath("j", id(2)))![20]! ^= 1;
  begin();
  settle();
  expect(told).toHaveLength(2);
  expect(told[1]).toMatch(/^unreadable: .*chk-0000000000000002\/metadata/);
});

test("[C48] a checkpoint that has gone between list and read stops it too", () => {
  const { host, store, told, begin, complete } = stage();
  complete(1);
  store.misbehave("held", 1, /^list checkpoints/);
  begin();
  host.advanceMs(LATE_EFFECT_MS_MAX + 100);
  store.objects.clear();
  store.release();
  host.advanceMs(100);
  expect(told[1]).toMatch(/^unreadable: not-found of .*metadata/);
});

test("it asks until it is answered", () => {
  const { host, store, told, begin, complete } = stage();
  complete(1);
  store.misbehave("lost", 30, /^list|^get/);
  begin();
  host.advanceMs(60_000);
  expect(told).toEqual(["elected 1", "ready"]);
});

test("[C124] what became of the job, and which ids are taken, is read back", () => {
  const { found, begin, settle } = stage(
    terminalPath("j", "cancelled"),
    reservationPath("j", id(64)),
  );
  begin();
  settle();
  expect(found[0]?.records).toMatchObject({ reservedThrough: 64, terminal: "cancelled" });
});
