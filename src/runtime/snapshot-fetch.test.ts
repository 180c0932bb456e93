import { expect, test } from "vitest";
import { asKeyGroup, asOperatorUid } from "../core/ids.ts";
import type { Result } from "../core/result.ts";
import type { SnapshotHandle, SubtaskSnapshot } from "../state/operator-snapshot.ts";
import { encodeSubtaskSnapshot, snapshotHandle } from "../state/snapshot-file.ts";
import { fetchSnapshots } from "./snapshot-fetch.ts";
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
