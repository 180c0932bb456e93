import { describe, expect, test } from "vitest";
import {
  asCheckpointId,
  asKeyGroup,
  asLeaderEpoch,
  asOperatorUid,
  asSubtaskIndex,
  asVertexIndex,
  attemptOf,
} from "../core/ids.ts";
import { err, ok, type Result } from "../core/result.ts";
import { storedFile } from "../core/stored-file.ts";
import type { PendingOperatorSnapshot } from "../operators/operator.ts";
import type { StoredSnapshot } from "../state/operator-snapshot.ts";
import { decodeSubtaskSnapshot } from "../state/snapshot-file.ts";
import type { DraftFile, PendingNativeSnapshot } from "../state/state-backend.ts";
import { SubtaskStorage } from "./backend-storage.ts";
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

/** A backend with files of its own: one that the store has, and new ones. */
function nativeStage(purpose: "checkpoint" | "savepoint" = "checkpoint") {
  const host = new RuntimeHost();
  const store = host.objectStore;
  const told: string[] = [];
  const storage = new SubtaskStorage({
    ...{ host, jobName: "words", attempt: attemptOf(asLeaderEpoch(1), 1) },
    ...{ vertex: asVertexIndex(2), subtask: asSubtaskIndex(0) },
    wakeUp: () => undefined,
    fail: () => undefined,
  });
  storage.snapshotTaken(asCheckpointId(4));
  const before = storedFile("shared/before", Uint8Array.of(9));
  const kept = storedFile("shared/kept", Uint8Array.of(8));
  store.objects.set(before.path, Uint8Array.of(9));
  const stage: { stored: StoredSnapshot | undefined; inFlight: Uint8Array | undefined } = {
    stored: undefined,
    inFlight: undefined,
  };
  const upload = new SnapshotUpload({
    ...{ host, checkpointId: asCheckpointId(5), path: PATH, ended: false, purpose, storage },
    inFlight: () => stage.inFlight,
    onStored: (stored) => (stage.stored = stored),
    onDeclined: (why) => told.push(`declined: ${why}`),
  });
  const prepared: ((result: Result<undefined, string>) => void)[] = [];
  const native: PendingNativeSnapshot = {
    prepare: (done) => void prepared.push(done),
    write() {
      told.push("written");
      const files: DraftFile[] = [
        { kind: "new", name: "a", bytes: Uint8Array.of(1) },
        { kind: "known", file: before },
        { kind: "new", name: "b", bytes: Uint8Array.of(2) },
      ];
      return { format: "runs", range: { first: 0, last: 7 }, manifest: Uint8Array.of(3), files };
    },
    stored: (files) => void told.push(`files ${files.map(({ path }) => path).join(" ")}`),
    alsoKept: () => [kept, before],
  };
  const write = (): never => expect.fail("written in the canonical form");
  const keyed = { write, native, discard: () => void told.push("discarded") };
  const pending: PendingOperatorSnapshot = { keyed, timers: [], operatorState: [] };
  const parts: UploadPart[] = [{ uid: asOperatorUid("count"), pending }];
  const take = (): string[] => told.splice(0);
  return { host, store, storage, upload, parts, prepared, stage, before, kept, take };
}
const SHARED = "checkpoints/words/shared/2-0/1.1/count/";

describe("files of a backend", () => {
  test("[SU2] [C64] are stored under shared paths, then named, in the order of the draft", () => {
    const { host, store, storage, upload, parts, prepared, stage, before, kept, take } =
      nativeStage();
    store.misbehave("held", 1, /under-way/);
    storage.of(asOperatorUid("count")).upload("under-way", Uint8Array.of(7), () => undefined);
    upload.begin(parts);
    host.advanceMs(100);
    expect(take()).toEqual([]);
    prepared[0]!(CONFIRMED);
    store.misbehave("lost", 3, /5-a$/);
    host.advanceMs(100);
    expect([stage.stored, store.paths.includes(PATH)]).toEqual([undefined, false]);
    host.advanceMs(1_000);
    const files = [
      storedFile(`${SHARED}5-a`, Uint8Array.of(1)),
      before,
      storedFile(`${SHARED}5-b`, Uint8Array.of(2)),
    ];
    expect(take()).toEqual(["written", `files ${files.map(({ path }) => path).join(" ")}`]);
    const underWay = storedFile(`${SHARED}5-under-way`, Uint8Array.of(7));
    expect(stage.stored).toMatchObject({ inFlight: undefined, files: [...files, kept, underWay] });
    const { handle } = stage.stored!;
    const read = decodeSubtaskSnapshot(store.objects.get(PATH)!, PATH, handle);
    const range = { first: 0, last: 7 };
    const native = { format: "runs", range, manifest: Uint8Array.of(3), files };
    expect(read.ok && read.value.operators).toEqual([
      { uid: "count", keyed: [], native, timers: [], operatorState: [] },
    ]);
  });

  test("[SU3] [C41] lie in the savepoint's own directory, and those of others are copied", () => {
    const { host, store, upload, parts, prepared, stage } = nativeStage("savepoint");
    upload.begin(parts);
    prepared[0]!(CONFIRMED);
    host.advanceMs(1_000);
    const paths = stage.stored!.files.map(({ path }) => path);
    const own = `${PATH}-files/count/`;
    expect(paths).toEqual([`${own}a`, `${own}shared%002fbefore`, `${own}b`]);
    expect(paths.map((path) => store.objects.get(path)?.join())).toEqual(["1", "9", "2"]);
    expect(store.paths.filter((path) => path.startsWith(SHARED))).toEqual([]);
  });

  test("[C34] [SU1] one that cannot be stored declines, and nothing is named", () => {
    const { host, store, upload, parts, prepared, stage, take } = nativeStage();
    store.misbehave("lost", UPLOAD_TRIES_MAX, /5-b$/);
    upload.begin(parts);
    prepared[0]!(CONFIRMED);
    host.advanceMs(20_000);
    const why = `snapshot not stored: timeout of ${SHARED}5-b`;
    expect(take()).toEqual(["written", "discarded", `declined: ${why}`]);
    expect([stage.stored, store.paths.includes(PATH)]).toEqual([undefined, false]);
  });

  test("[C34] [SU1] the backend's own uploads fail: declined before anything is written", () => {
    const { host, upload, parts, prepared, take } = nativeStage();
    upload.begin(parts);
    prepared[0]!(err("timeout of a segment"));
    host.advanceMs(20_000);
    expect(take()).toEqual(["discarded", "declined: timeout of a segment"]);
  });

  test("[C65] aborted half way, it deletes nothing, and stores nothing more", () => {
    const { host, store, upload, parts, prepared, stage, take } = nativeStage();
    store.misbehave("lost", Number.POSITIVE_INFINITY, /5-b$/);
    upload.begin(parts);
    prepared[0]!(CONFIRMED);
    host.advanceMs(100);
    upload.abort();
    store.behave();
    const asked = store.take();
    host.advanceMs(20_000);
    expect(store.paths).toEqual([`${SHARED}5-a`, "shared/before"]);
    expect([store.take(), stage.stored]).toEqual([[], undefined]);
    expect(asked.filter((text) => text.startsWith("delete"))).toEqual([]);
    expect(take()).toEqual(["written", "discarded"]);
  });

  test("[C13] records that were under way are stored beside the snapshot, and named with it", () => {
    const { host, store, upload, parts, prepared, stage } = nativeStage();
    stage.inFlight = Uint8Array.of(6, 6);
    upload.begin(parts);
    prepared[0]!(CONFIRMED);
    host.advanceMs(1_000);
    expect(stage.stored?.inFlight).toEqual(storedFile(`${PATH}-in-flight`, Uint8Array.of(6, 6)));
    expect(store.objects.get(`${PATH}-in-flight`)).toEqual(Uint8Array.of(6, 6));
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
