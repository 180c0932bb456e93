import { describe, expect, test } from "vitest";
import { asKeyGroup, asOperatorUid } from "../core/ids.ts";
import type { Result } from "../core/result.ts";
import { storedFile, type StoredFile } from "../core/stored-file.ts";
import { memoryBackend } from "../state/memory/memory-backend.ts";
import type { SnapshotHandle, SubtaskSnapshot } from "../state/operator-snapshot.ts";
import { encodeSubtaskSnapshot, snapshotHandle } from "../state/snapshot-file.ts";
import type { StateBackend } from "../state/state-backend.ts";
import { fetchContents, fetchFiles, fetchSnapshots } from "./snapshot-fetch.ts";
import { RuntimeHost } from "./testing.ts";

const snapshotOf = (uid: string): SubtaskSnapshot => ({
  ended: false,
  operators: [
    {
      uid: asOperatorUid(uid),
      keyed: [{ keyGroup: asKeyGroup(3), bytes: Uint8Array.of(1, 2, 3) }],
      timers: [],
      operatorState: [{ name: "list", mode: "union", elements: [Uint8Array.of(9)] }],
    },
  ],
});

function stage(...uids: readonly string[]) {
  const host = new RuntimeHost();
  const handles = uids.map((uid) => {
    const bytes = encodeSubtaskSnapshot(snapshotOf(uid));
    host.objectStore.objects.set(uid, bytes);
    return snapshotHandle(uid, bytes);
  });
  const answers: Result<readonly SubtaskSnapshot[], string>[] = [];
  const fetch = (asked: readonly SnapshotHandle[] = handles): void =>
    fetchSnapshots({ host }, asked, (result) => answers.push(result));
  const problem = (): string => {
    const [answer] = answers;
    expect(answers).toHaveLength(1);
    return answer!.ok ? "it was taken for a snapshot" : answer!.error;
  };
  return { host, store: host.objectStore, handles, answers, fetch, problem };
}

test("brings back all snapshots, in the order asked for, never from inside the call", () => {
  const { host, answers, fetch } = stage("b", "a");
  fetch();
  expect(answers).toEqual([]);
  host.advanceMs(100);
  expect(answers).toEqual([{ ok: true, value: [snapshotOf("b"), snapshotOf("a")] }]);
});

test("no handles, no snapshots: that is an answer too, and not from inside the call", () => {
  const { host, answers, fetch } = stage();
  fetch();
  expect(answers).toEqual([]);
  host.advanceMs(1);
  expect(answers).toEqual([{ ok: true, value: [] }]);
});

test("what the store does not answer in time is asked again", () => {
  const { host, store, answers, fetch } = stage("a");
  store.misbehave("lost", 2);
  store.misbehave("unavailable", 2);
  fetch();
  host.advanceMs(2_000);
  expect(answers).toEqual([{ ok: true, value: [snapshotOf("a")] }]);
});

test("[C52] a missing file is an error that names it, never no state", () => {
  const { host, store, fetch, problem } = stage("a", "b");
  store.objects.delete("b");
  fetch();
  host.advanceMs(100);
  expect(problem()).toBe("not-found of b");
});

test("[C52] a file that was cut or changed is an error that names it, wherever that was", () => {
  const whole = encodeSubtaskSnapshot(snapshotOf("a"));
  for (let at = 0; at < whole.length; at++) {
    const cut = stage("a");
    cut.store.objects.set("a", whole.subarray(0, at));
    cut.fetch();
    cut.host.advanceMs(100);
    expect(cut.problem()).toContain('"a"');
    const rotten = stage("a");
    rotten.store.objects.get("a")![at]! ^= 0x10;
    rotten.fetch();
    rotten.host.advanceMs(100);
    expect(rotten.problem()).toContain('"a"');
  }
});

test("[C52] an intact file that is not the one of the checkpoint is refused", () => {
  const { host, store, fetch, problem } = stage("a");
  store.objects.set("a", encodeSubtaskSnapshot(snapshotOf("b")));
  fetch();
  host.advanceMs(100);
  expect(problem()).toContain("as its checkpoint says");
});

test("[FE1] [A05] parts are put together, whatever the store reads at a time", () => {
  const { host, store, answers, fetch } = stage("a", "b");
  store.partBytesMax = 5;
  fetch();
  host.advanceMs(200);
  expect(answers).toEqual([{ ok: true, value: [snapshotOf("a"), snapshotOf("b")] }]);
});

test("a few at a time, in the order asked for, and one answer whatever goes wrong", () => {
  const { host, store, handles, answers, fetch } = stage("1", "2", "3", "4", "5", "6");
  store.misbehave("held", 4);
  fetch();
  host.advanceMs(1);
  expect(store.take()).toEqual(["get 1", "get 2", "get 3", "get 4"]);
  store.objects.delete("5");
  store.objects.delete("6");
  store.release();
  host.advanceMs(100);
  expect(answers).toEqual([{ ok: false, error: "not-found of 5" }]);
  expect(handles).toHaveLength(6);
});

test("[C69] a copy at hand spares the store, and is verified like any file", () => {
  const { host, store, handles, answers } = stage("a", "b");
  const copies = new Map([["a", store.objects.get("a")!]]);
  const localCopy = ({ path }: StoredFile): Uint8Array | undefined => copies.get(path);
  fetchSnapshots({ host, localCopy }, handles, (result) => answers.push(result));
  host.advanceMs(100);
  expect(store.take()).toEqual(["get b"]);
  expect(answers).toEqual([{ ok: true, value: [snapshotOf("a"), snapshotOf("b")] }]);
});

describe("native files", () => {
  const FILES = ["f/1", "f/2"].map((path) => storedFile(path, Uint8Array.of(path.length)));
  const native: SubtaskSnapshot = {
    ended: false,
    operators: [
      {
        ...{ uid: asOperatorUid("a"), keyed: [], timers: [], operatorState: [] },
        native: {
          ...{ format: "runs", range: { first: 0, last: 7 }, manifest: Uint8Array.of(1) },
          files: FILES,
        },
      },
    ],
  };
  const backend = (parts: Partial<StateBackend>): StateBackend => ({
    ...memoryBackend(),
    ...parts,
  });

  function fetchedBy(by: StateBackend, stored: readonly string[] = ["f/1", "f/2"]) {
    const { host, store } = stage();
    for (const path of stored) store.objects.set(path, Uint8Array.of(path.length));
    const answers: Result<readonly SubtaskSnapshot[], string>[] = [];
    fetchContents({ host }, [native], by, (result) => answers.push(result));
    host.advanceMs(100);
    const [answer] = answers;
    expect(answers).toHaveLength(1);
    if (!answer!.ok) return answer!.error;
    const contents = answer!.value[0]!.operators[0]!.native!.contents;
    return contents === undefined ? "left to the backend" : [...contents];
  }

  test("[FE1] are fetched for whoever reads the format, and whoever needs the canonical form", () => {
    const all = [
      ["f/1", Uint8Array.of(3)],
      ["f/2", Uint8Array.of(3)],
    ];
    expect(fetchedBy(backend({}))).toEqual(all);
    expect(fetchedBy(backend({ readsFormats: ["runs"] }))).toEqual(all);
    expect(fetchedBy(backend({ readsFormats: ["other"], fetchesLater: true }))).toEqual(all);
  });

  test("but not for a backend that brings them itself", () => {
    const later = backend({ readsFormats: ["runs"], fetchesLater: true });
    expect(fetchedBy(later, [])).toBe("left to the backend");
  });

  test("[C52] one that is missing or not itself is an error that names it", () => {
    expect(fetchedBy(backend({}), ["f/1"])).toBe("not-found of f/2");
    const { host, store } = stage();
    store.objects.set("f/1", Uint8Array.of(9));
    const answers: string[] = [];
    fetchFiles({ host }, FILES.slice(0, 1), (result) => {
      answers.push(result.ok ? "read" : result.error);
    });
    host.advanceMs(100);
    expect(answers[0]).toMatch(/^file "f\/1", byte 0: expected checksum 0x[0-9a-f]+, found 0x/);
  });
});
