import { describe, expect, test } from "vitest";
import { asCheckpointId, asKeyGroup, asOperatorUid } from "../core/ids.ts";
import { err, ok } from "../core/result.ts";
import type { PendingOperatorSnapshot } from "../operators/operator.ts";
import { decodeSubtaskSnapshot } from "../state/snapshot-file.ts";
import { SnapshotUpload, type UploadPart } from "./snapshot-upload.ts";
import { UPLOAD_TRIES_MAX } from "./storage-retry.ts";
import { RuntimeHost } from "./testing.ts";

const CONFIRMED = ok(undefined);
const PATH = "chk/1/0-0";

const FILED = { name: "transactions", mode: "split", elements: [Uint8Array.of(7)] } as const;

function stage() {
  const host = new RuntimeHost();
  const told: string[] = [];
  const upload = new SnapshotUpload({
    host,
    checkpointId: asCheckpointId(1),
    path: PATH,
    ended: true,
    onStored: ({ handle: { path, shared } }) =>
      told.push(`stored ${path}${shared ? ", shared" : ""}`),
    onDeclined: (why) => told.push(`declined: ${why}`),
  });
  const keyed = (): PendingOperatorSnapshot["keyed"] => ({
    write: () => {
      told.push("written");
      return [{ keyGroup: asKeyGroup(1), bytes: Uint8Array.of(5) }];
    },
    discard: () => void told.push("discarded"),
  });
  const parts: readonly UploadPart[] = [
    {
      uid: asOperatorUid("count"),
      pending: { keyed: keyed(), timers: [], operatorState: [] },
    },
    {
      uid: asOperatorUid("sink"),
      pending: { keyed: undefined, timers: [], operatorState: [FILED] },
    },
  ];
  return { host, store: host.objectStore, upload, parts, take: () => told.splice(0) };
}

describe("a snapshot is stored", () => {
  test("[C96] only when every operator has confirmed its share of the outside", () => {
    const { host, upload, parts, take } = stage();
    const first = upload.await();
    const second = upload.await();
    first(CONFIRMED);
    upload.begin(parts);
    host.advanceMs(100);
    expect(take()).toEqual([]);
    second(CONFIRMED);
    host.advanceMs(100);
    expect(take()).toEqual(["written", `stored ${PATH}`]);
  });

  test("with what every operator gave, and as what it was taken for", () => {
    const { host, store, upload, parts } = stage();
    upload.begin(parts);
    host.advanceMs(100);
    const stored = decodeSubtaskSnapshot(store.objects.get(PATH)!, PATH);
    expect(stored).toEqual(
      ok({
        ended: true,
        operators: [
          {
            uid: "count",
            keyed: [{ keyGroup: 1, bytes: Uint8Array.of(5) }],
            timers: [],
            operatorState: [],
          },
          { uid: "sink", keyed: [], timers: [], operatorState: [FILED] },
        ],
      }),
    );
  });

  test("[C60] with union state in it, for siblings to read", () => {
    const { host, upload, parts, take } = stage();
    const [, sink] = parts;
    const operatorState = [{ ...FILED, mode: "union" } as const];
    upload.begin([{ ...sink!, pending: { keyed: undefined, timers: [], operatorState } }]);
    host.advanceMs(100);
    expect(take()).toEqual([`stored ${PATH}, shared`]);
  });

  test("also when the store times out a few times", () => {
    const { host, store, upload, parts, take } = stage();
    store.misbehave("lost", 2);
    store.misbehave("late", 2);
    upload.begin(parts);
    host.advanceMs(5_000);
    expect(take()).toEqual(["written", `stored ${PATH}`]);
  });
});

describe("[SU1] one end", () => {
  test("declined by an operator, and the view is let go of; other confirmations change nothing", () => {
    const { host, upload, parts, take } = stage();
    const [first, second] = [upload.await(), upload.await()];
    upload.begin(parts);
    first(err("ledger gone"));
    expect(take()).toEqual(["discarded", "declined: ledger gone"]);
    second(CONFIRMED);
    upload.abort();
    host.advanceMs(100);
    expect(take()).toEqual([]);
  });

  test("[C34] declined when the store gives no answer, and the task goes on", () => {
    const { host, store, upload, parts, take } = stage();
    store.misbehave("lost", UPLOAD_TRIES_MAX);
    upload.begin(parts);
    host.advanceMs(10_000);
    expect(store.take()).toHaveLength(UPLOAD_TRIES_MAX);
    expect(take()).toEqual([
      "written",
      "discarded",
      `declined: snapshot not stored: timeout of ${PATH}`,
    ]);
  });

  test("aborted before it was written: nothing is written, stored or told", () => {
    const { host, store, upload, parts, take } = stage();
    const confirm = upload.await();
    upload.begin(parts);
    upload.abort();
    upload.abort();
    confirm(CONFIRMED);
    host.advanceMs(100);
    expect([take(), store.take()]).toEqual([["discarded"], []]);
  });

  test("aborted between confirmation and writing", () => {
    const { host, upload, parts, take } = stage();
    upload.begin(parts);
    upload.abort();
    host.advanceMs(100);
    expect(take()).toEqual(["discarded"]);
  });

  test("aborted while it was being written: nothing is stored", () => {
    const { host, store, upload, parts, take } = stage();
    upload.begin(parts);
    host.world.advanceMs(0.01);
    expect(take()).toEqual(["written"]);
    upload.abort();
    host.advanceMs(100);
    expect([take(), store.take()]).toEqual([["discarded"], []]);
  });

  test("aborted while the store is at it: what it answers is not told", () => {
    const { host, store, upload, parts, take } = stage();
    store.misbehave("held");
    upload.begin(parts);
    host.advanceMs(100);
    upload.abort();
    store.release();
    expect(take()).toEqual(["written", "discarded"]);
  });

  test("an operator confirms once", () => {
    const { upload } = stage();
    const confirm = upload.await();
    confirm(CONFIRMED);
    expect(() => confirm(CONFIRMED)).toThrow("checkpoint 1 was confirmed twice");
  });
});

test("[C63] nothing is written inside the step that took the view", () => {
  const { host, upload, parts, take } = stage();
  upload.begin(parts);
  expect(take()).toEqual([]);
  host.advanceMs(1);
  expect(take()).toContain("written");
});
