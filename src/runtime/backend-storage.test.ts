/** What backends keep outside: where it goes, how it is named, and that it ends with the attempt. */
import { describe, expect, test } from "vitest";
import {
  asCheckpointId,
  asLeaderEpoch,
  asOperatorUid,
  asSubtaskIndex,
  asVertexIndex,
  attemptOf,
} from "../core/ids.ts";
import { storedFile } from "../core/stored-file.ts";
import { removeLocalState, SubtaskStorage } from "./backend-storage.ts";
import { UPLOAD_TRIES_MAX } from "./storage-retry.ts";
import { RuntimeHost } from "./testing.ts";

const COUNT = asOperatorUid("count");
const BYTES = Uint8Array.of(1, 2, 3);

function stage(host = new RuntimeHost(), n = 1) {
  const told: string[] = [];
  const storage = new SubtaskStorage({
    host,
    jobName: "words",
    attempt: attemptOf(asLeaderEpoch(1), n),
    vertex: asVertexIndex(2),
    subtask: asSubtaskIndex(0),
    wakeUp: () => told.push("wake up"),
    fail: (why) => told.push(`fail: ${why}`),
  });
  const backend = storage.of(COUNT);
  const upload = (name: string): void =>
    backend.upload(name, BYTES, (result) =>
      told.push(result.ok ? `stored ${result.value.path}` : `refused: ${result.error}`),
    );
  return { host, disk: host.disk, store: host.objectStore, storage, backend, upload, told };
}

const PATH = "checkpoints/words/shared/2-0/1.1/count/";

describe("a shared file", () => {
  test("[C64] carries writer, attempt, operator, and the newest snapshot when its upload began", () => {
    const { host, store, storage, upload, told } = stage();
    upload("a");
    storage.snapshotTaken(asCheckpointId(7));
    upload("b");
    host.advanceMs(100);
    expect(told).toEqual([`stored ${PATH}0-a`, `stored ${PATH}7-b`]);
    expect(store.objects.get(`${PATH}7-b`)).toEqual(BYTES);
  });

  test("[BS2] [C65] is under way until the answer comes, good or bad", () => {
    const { host, store, storage, upload, told } = stage();
    store.misbehave("lost", UPLOAD_TRIES_MAX, /-a$/);
    upload("a");
    upload("b");
    expect(storage.underWay).toEqual([
      storedFile(`${PATH}0-a`, BYTES),
      storedFile(`${PATH}0-b`, BYTES),
    ]);
    host.advanceMs(50);
    expect(storage.underWay.map(({ path }) => path)).toEqual([`${PATH}0-a`]);
    host.advanceMs(10_000);
    expect(storage.underWay).toEqual([]);
    expect(told).toEqual([`stored ${PATH}0-b`, `refused: timeout of ${PATH}0-a`]);
  });

  test("is stored though the store times out a few times", () => {
    const { host, store, upload, told } = stage();
    store.misbehave("lost", 2);
    store.misbehave("late", 1);
    upload("a");
    host.advanceMs(1_000);
    expect(told).toEqual([`stored ${PATH}0-a`]);
  });

  test("[C52] comes back verified: what is not what was stored is refused by name", () => {
    const { host, store, backend, upload, told } = stage();
    upload("a");
    host.advanceMs(100);
    const file = storedFile(`${PATH}0-a`, BYTES);
    const download = (): void => {
      backend.download(file, (result) =>
        told.push(result.ok ? `has ${result.value.join()}` : result.error),
      );
      host.advanceMs(100);
    };
    store.misbehave("lost", 2, /^get/);
    download();
    store.objects.set(file.path, Uint8Array.of(1, 2));
    download();
    store.objects.set(file.path, Uint8Array.of(1, 2, 4));
    download();
    store.objects.delete(file.path);
    download();
    const advice = "restore the file from a replica or a backup, or start from another checkpoint";
    expect(told.slice(1)).toEqual([
      "has 1,2,3",
      `file "${PATH}0-a", byte 2: expected 3 bytes, found 2; ${advice}`,
      expect.stringMatching(/byte 0: expected checksum 0x55bc801d, found 0x[0-9a-f]+; restore/),
      `not-found of ${PATH}0-a`,
    ]);
  });
});

describe("the disk", () => {
  test("each operator has a directory of its own, which goes with the attempt", () => {
    const { disk, storage, backend } = stage();
    const other = storage.of(asOperatorUid("a/b"));
    expect(backend.directory).toBe("state/words/1.1/2-0/count/");
    expect(other.directory).toBe("state/words/1.1/2-0/a%002fb/");
    disk.write(`${backend.directory}x`, BYTES);
    disk.write(`${other.directory}x`, BYTES);
    disk.write("elsewhere", BYTES);
    storage.close();
    storage.close();
    expect(disk.list("")).toEqual(["elsewhere"]);
  });

  test("a new attempt finds nothing of an older one, and leaves its neighbours alone", () => {
    const host = new RuntimeHost();
    host.disk.write("state/words/1.1/2-0/count/x", BYTES);
    host.disk.write("state/words/1.1/2-1/count/x", BYTES);
    host.disk.write("state/other/1.1/2-0/count/x", BYTES);
    stage(host, 2);
    expect(host.disk.list("")).toEqual([
      "state/other/1.1/2-0/count/x",
      "state/words/1.1/2-1/count/x",
    ]);
    host.disk.write("incarnation", BYTES);
    removeLocalState(host.disk);
    expect(host.disk.list("")).toEqual(["incarnation"]);
  });
});

describe("[BS1] after the end", () => {
  test("no timer, no answer, and nothing more is written", () => {
    const { host, store, storage, backend, upload, told } = stage();
    const ring = (): void => void told.push("rings");
    backend.setTimer(2_000, ring);
    upload("a");
    host.advanceMs(1);
    store.misbehave("lost", 1);
    upload("b");
    backend.download(storedFile(`${PATH}0-a`, BYTES), () => told.push("downloaded"));
    storage.close();
    host.advanceMs(10_000);
    upload("c");
    host.advanceMs(10_000);
    expect(told).toEqual([]);
    expect(store.take().filter((text) => text.endsWith("-c"))).toEqual([]);
  });

  test("timers ring before it, once, unless they are cancelled", () => {
    const { host, backend, told } = stage();
    backend.setTimer(1_000, () => told.push("rings"));
    backend.cancelTimer(backend.setTimer(1_000, () => told.push("rings, though cancelled")));
    host.advanceMs(10);
    backend.wakeUp();
    backend.fail("the disk is full");
    expect(told).toEqual(["rings", "wake up", "fail: the disk is full"]);
  });
});
