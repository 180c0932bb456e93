/** The log by itself: what is stored when, what a store that refuses does to it, and damaged files. */
import type { NativeKeyedSnapshot } from "../keyed-snapshot.ts";
import { describe, expect, test } from "vitest";
import { ByteWriter, DecodeError } from "../../core/bytes.ts";
import { asCheckpointId } from "../../core/ids.ts";
import type { Result } from "../../core/result.ts";
import { types } from "../../types/serializers.ts";
import { StateIncompatibleError } from "../../types/state-incompatible.ts";
import { byName, groupOf, GROUPS, latest, total, WHOLE } from "../contract/fixture.ts";
import { memoryBackend } from "../memory/memory-backend.ts";
import { valueState } from "../state.ts";
import type { StateBackend } from "../state-backend.ts";
import { canonicalGroups } from "../state-manager.ts";
import { changelogBackend, type ChangelogOptions } from "./changelog-backend.ts";
import { fetched, LogStorage, store } from "./changelog.fixture.ts";
import { changelogGroups } from "./replay.ts";
import { readSegment, SegmentWriter } from "./segment-format.ts";

function open(options: ChangelogOptions = {}) {
  const storage = new LogStorage();
  const keyed = changelogBackend(memoryBackend(), options).create({
    ...{ keyType: types.string, range: WHOLE, maxParallelism: GROUPS, nowMs: () => 0, storage },
  });
  const at = (key: string): void => keyed.setCurrentKey(key, groupOf(key));
  const take = (id: number, base: number) =>
    keyed.snapshot({
      form: "native",
      checkpointId: asCheckpointId(id),
      base: asCheckpointId(base),
    }).native!;
  const names = ({ files }: NativeKeyedSnapshot): string[] => files.map(({ path }) => path);
  return { storage, keyed, at, take, names };
}

/** What a backend of the given kind holds of `total` under "a", from that snapshot. */
function totalFrom(native: NativeKeyedSnapshot, backend: StateBackend = memoryBackend()) {
  const keyed = backend.create({
    ...{ keyType: types.string, range: WHOLE, maxParallelism: GROUPS, nowMs: () => 0 },
  });
  for (const group of canonicalGroups(native)) keyed.restore(group);
  keyed.setCurrentKey("a", groupOf("a"));
  return keyed.getState(total).value();
}

describe("what a snapshot is made of", () => {
  test("[C64] [LI2] without a known base it is full; with one it is the log since", () => {
    const { storage, keyed, at, take, names } = open();
    at("a");
    keyed.getState(total).update(1);
    const first = store(storage, take(1, 0));
    expect(names(first)).toEqual(["full-1"]);
    at("a");
    keyed.getState(total).update(2);
    const second = store(storage, take(2, 1));
    expect(names(second)).toEqual(["full-1", "log-0"]);
    expect([first, second].map((native) => totalFrom(native))).toEqual([1, 2]);
    expect(names(store(storage, take(3, 7)))).toEqual(["full-3"]);
  });

  test("[C64] an unchanged state stores nothing at all", () => {
    const { storage, take, names } = open();
    store(storage, take(1, 0));
    expect(names(store(storage, take(2, 1)))).toEqual(["full-1"]);
    expect(storage.open).toEqual([]);
  });

  test("[C68] stretches are stored as they fill, and before any snapshot wants them", () => {
    const { storage, keyed, at, take } = open({ segmentBytes: 20 });
    store(storage, take(1, 0));
    at("a");
    for (let n = 0; n < 10; n++) keyed.getState(total).update(n);
    expect(storage.open).toEqual([]);
    store(storage, take(2, 1));
    at("a");
    for (let n = 0; n < 10; n++) keyed.getState(total).update(n);
    expect(storage.open.length).toBeGreaterThan(1);
  });

  test("[C68] [LI1] with a materialization it begins anew; the old base stays until it is confirmed", () => {
    const { storage, keyed, at, take, names } = open();
    store(storage, take(1, 0));
    at("a");
    keyed.getState(total).update(1);
    store(storage, take(2, 1));
    storage.ring();
    storage.deliver();
    at("a");
    keyed.getState(total).update(2);
    const draft = take(3, 2);
    const third = store(storage, draft);
    expect(names(third)).toEqual(["state-1", "log-1"]);
    expect(totalFrom(third)).toBe(2);
    const kept = (native: typeof draft) => native.alsoKept().map(({ path }) => path);
    expect(new Set(kept(draft))).toEqual(new Set(["full-1", "log-0", "state-1", "log-1"]));
    const later = take(4, 3);
    store(storage, later);
    expect(new Set(kept(later))).toEqual(new Set(["state-1", "log-1"]));
  });

  test("[C63] [CB1] what is changed back in place behind a materialization is logged again", () => {
    const { storage, keyed, at, take } = open();
    store(storage, take(1, 0));
    store(storage, take(2, 1));
    at("a");
    const held = { n: 1 };
    keyed.getState(latest).update(held);
    held.n = 2;
    storage.ring();
    storage.deliver();
    held.n = 1;
    const native = store(storage, take(3, 2));
    const back = memoryBackend().create({
      ...{ keyType: types.string, range: WHOLE, maxParallelism: GROUPS, nowMs: () => 0 },
    });
    for (const group of changelogGroups(native)) back.restore(group);
    back.setCurrentKey("a", groupOf("a"));
    expect(back.getState(latest).value()).toEqual({ n: 1 });
  });
});

describe("a store that refuses", () => {
  test("[C34] [LO2] declines the snapshot that waits; the stretch is stored again for the next", () => {
    const { storage, keyed, at, take, names } = open();
    store(storage, take(1, 0));
    at("a");
    keyed.getState(total).update(5);
    const answers: Result<undefined, string>[] = [];
    take(2, 1).prepare!((result) => answers.push(result));
    expect(answers).toEqual([]);
    storage.deliver("the store is down");
    expect(answers).toEqual([{ ok: false, error: "the store is down" }]);
    storage.ring();
    expect(storage.open.map(({ path }) => path)).toEqual(["state-1", "log-0"]);
    storage.open.shift();
    const native = store(storage, take(3, 1));
    expect([names(native), totalFrom(native)]).toEqual([["full-1", "log-0"], 5]);
  });

  test("for so long that the log gets too big: there is none, and the next snapshot is full", () => {
    const { storage, keyed, at, take, names } = open({ segmentBytes: 20, waitingBytesMax: 100 });
    store(storage, take(1, 0));
    take(2, 1);
    at("a");
    for (let n = 0; n < 100; n++) keyed.getState(total).update(n);
    const native = store(storage, take(3, 1));
    expect([names(native), totalFrom(native)]).toEqual([["full-3"], 99]);
  });

  test("a materialization that cannot be stored changes nothing", () => {
    const { storage, keyed, at, take, names } = open();
    store(storage, take(1, 0));
    at("a");
    keyed.getState(total).update(1);
    store(storage, take(2, 1));
    storage.ring();
    storage.deliver("the store is down");
    expect(names(store(storage, take(3, 2)))).toEqual(["full-1", "log-0"]);
    expect(storage.timers.length).toBeGreaterThan(0);
  });
});

describe("[SM1] state moves", () => {
  test("from a log into any other backend, and back into a log, by its canonical form", () => {
    const { storage, keyed, at, take } = open();
    store(storage, take(1, 0));
    at("a");
    keyed.getState(total).update(42);
    keyed.getMapState(byName).put("x", { n: 1 });
    const native = store(storage, take(2, 1));
    const groups = canonicalGroups(native);
    for (const backend of [memoryBackend(), changelogBackend(memoryBackend())]) {
      expect(totalFrom(native, backend)).toBe(42);
    }
    const other = open();
    for (const group of groups) other.keyed.restore(group);
    const again = store(other.storage, other.take(3, 2));
    expect(other.names(again)).toEqual(["full-3"]);
    expect(canonicalGroups(again)).toEqual(groups);
  });

  test("[SC1] into another type: the log begins anew, since it cannot hold both", () => {
    const { storage, keyed, at, take } = open();
    store(storage, take(1, 0));
    at("a");
    keyed.getState(valueState("x", types.record({ n: types.long }))).update({ n: 1 });
    const native = store(storage, take(2, 1));
    const other = open();
    for (const [path, bytes] of storage.files) other.storage.files.set(path, bytes);
    other.keyed.restoreNative!(fetched(other.storage, native), asCheckpointId(2));
    const wider = types.record({ n: types.long, note: types.optional(types.string) });
    other.at("b");
    other.keyed.getState(valueState("x", wider)).update({ n: 2, note: "b" });
    expect(other.names(store(other.storage, other.take(3, 2)))).toEqual(["full-3"]);
  });
});

describe("damaged files", () => {
  const header = { name: "total", kind: "value", types: ["long"] } as const;
  function segment(first: number, keyType = "string"): Uint8Array {
    const writer = new SegmentWriter(keyType);
    const key = new ByteWriter();
    key.string("a");
    const payload = new ByteWriter();
    types.long.write(first, payload);
    const place = { header, keyGroup: groupOf("a"), key };
    writer.put(place, payload);
    writer.delete(place);
    return writer.take(first);
  }

  test("[SG1] [C52] cut anywhere, or with something behind, a stretch is refused", () => {
    const bytes = segment(0);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readSegment(bytes.slice(0, length), () => undefined)).toThrow(DecodeError);
    }
    expect(() => readSegment(Uint8Array.of(...bytes, 0), () => undefined)).toThrow(DecodeError);
    const kinds: string[] = [];
    expect(readSegment(bytes, ({ kind }) => kinds.push(kind)).count).toBe(2);
    expect(kinds).toEqual(["put", "delete"]);
  });

  function snapshotOf(segments: readonly Uint8Array[]): NativeKeyedSnapshot {
    const { storage, take, keyed, at } = open();
    store(storage, take(1, 0));
    for (let i = 0; i < segments.length; i++) {
      at("a");
      keyed.getState(total).update(i);
      keyed.getState(total).clear();
      store(storage, take(i + 2, i + 1));
    }
    const native = store(storage, take(segments.length + 2, segments.length + 1));
    segments.forEach((bytes, i) => storage.files.set(`log-${2 * i}`, bytes));
    return fetched(storage, native);
  }

  test("[LO1] [RP2] [C68] a stretch that is missing, doubled or out of order is refused", () => {
    expect(changelogGroups(snapshotOf([segment(0), segment(2), segment(4)]))).toEqual([]);
    for (const order of [
      [0, 4, 2],
      [0, 0, 4],
      [2, 2, 4],
      [0, 2, 2],
    ]) {
      const wrong = snapshotOf(order.map((first) => segment(first)));
      expect(() => changelogGroups(wrong)).toThrow(/^RP2 changes from/);
    }
    const foreign = snapshotOf([segment(0), segment(2, "long")]);
    expect(() => changelogGroups(foreign)).toThrow(StateIncompatibleError);
  });

  test("[C52] a manifest that does not go with its files is refused", () => {
    const native = snapshotOf([segment(0)]);
    const { manifest, files } = native;
    for (const wrong of [
      { manifest: manifest.slice(0, -1) },
      { manifest: Uint8Array.of(...manifest, 0) },
      { manifest: Uint8Array.of(9, ...manifest.slice(1)) },
      { files: files.slice(1) },
      { files: [...files, files[0]!] },
    ]) {
      expect(() => changelogGroups({ ...native, ...wrong })).toThrow(DecodeError);
    }
  });
});

test("what cannot be logged, and sizes that make no sense, are refused with what to do", () => {
  expect(() => changelogBackend(memoryBackend(), { segmentBytes: 0 })).toThrow(
    "changelogBackend: segmentBytes is 0; expected an integer from 1 on",
  );
  const memory = memoryBackend();
  const opaque: StateBackend = {
    name: "opaque",
    create: (config) => Object.assign(Object.create(memory.create(config)), { tables: undefined }),
  };
  const create = (): unknown =>
    changelogBackend(opaque).create({
      ...{ keyType: types.string, range: WHOLE, maxParallelism: GROUPS, nowMs: () => 0 },
    });
  expect(create).toThrow(
    'the changes of a "opaque" backend cannot be logged; wrap memoryBackend()',
  );
});
