/**
 * The disk backend under the contract of all backends, and its own form of a snapshot: what it stores
 * again, what it refers to, and that nothing foreign ever shows.
 */
import type { KeyGroupRange, KeyGroupSnapshot, NativeKeyedSnapshot } from "../keyed-snapshot.ts";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../../core/ids.ts";
import { types } from "../../types/serializers.ts";
import {
  byName,
  groupOf,
  GROUPS,
  latest,
  openBackend,
  recent,
  restoreInto,
  total,
  WHOLE,
} from "../contract/fixture.ts";
import { rangeHolds } from "../key-groups.ts";
import { MapDisk } from "../lsm/lsm.fixture.ts";
import { mapState, valueState } from "../state.ts";
import { stateBackendContract } from "../state-backend.contract.ts";
import { canonicalGroups } from "../state-manager.ts";
import { memoryBackend } from "../memory/memory-backend.ts";
import { diskBackend } from "./disk-backend.ts";
import { diskStorage, onOwnDisk, SPILLING, spillingBackend, Store } from "./disk.fixture.ts";

stateBackendContract("disk", spillingBackend);

const KEYS = Array.from({ length: 60 }, (_, i) => `key-${i}`);

function opened(range: KeyGroupRange = WHOLE) {
  const backend = openBackend(spillingBackend(), range);
  const { keyed } = backend;
  const states = {
    total: keyed.getState(total),
    recent: keyed.getListState(recent),
    byName: keyed.getMapState(byName),
  };
  return { ...backend, ...states };
}
type Opened = ReturnType<typeof opened>;

function fill(
  { at, total: value, recent: list, byName: map }: Opened,
  keys: readonly string[],
  n = 0,
) {
  for (const [i, key] of keys.entries()) {
    at(key);
    value.update(n + i);
    list.addAll([n, i]);
    map.put("x", { n: n + i });
    map.put(`y${i % 3}`, { n });
  }
}

function restored(
  snapshots: readonly NativeKeyedSnapshot[],
  range: KeyGroupRange = WHOLE,
  checkpoint = 1,
) {
  const backend = openBackend(spillingBackend(), range);
  for (const snapshot of snapshots) {
    backend.keyed.restoreNative!(snapshot, asCheckpointId(checkpoint));
  }
  return backend;
}

describe("a native snapshot", () => {
  test("[SM1] [SB3] [C51] [C53] is the same state as the canonical one, asked for or not", () => {
    const store = new Store();
    const before = opened();
    fill(before, KEYS);
    const native = store.take(before.keyed, 1, 0);
    const canonical = before.take();
    expect(canonicalGroups(native)).toEqual(canonical);
    const back = restored([native]);
    expect(back.take()).toEqual(canonical);
    expect(canonicalGroups(store.take(back.keyed, 2, 1, "b"))).toEqual(canonical);
    back.at("key-7");
    expect(back.keyed.getState(total).value()).toBe(7);
    expect(back.keyed.getListState(recent).get()).toEqual([0, 7]);
    expect(back.take()).toEqual(canonical);
    expect(canonicalGroups(store.take(back.keyed, 3, 2, "b"))).toEqual(canonical);
    expect(restoreInto(memoryBackend(), canonicalGroups(native)).take()).toEqual(canonical);
  });

  test("[C63] [SB1] shows its own moment, whatever is changed and merged before it is written", () => {
    const store = new Store();
    const state = opened();
    fill(state, KEYS);
    const canonical = state.take();
    const { native, discard } = state.keyed.snapshot({
      ...{ checkpointId: asCheckpointId(1), form: "native", base: asCheckpointId(0) },
    });
    fill(state, KEYS, 500);
    for (const key of KEYS) {
      state.at(key);
      state.total.clear();
    }
    const { files, ...rest } = native!.write();
    discard();
    const contents = new Map<string, Uint8Array>();
    const stored = files.map((draft) => {
      if (draft.kind === "known") throw new Error("nothing was stored before");
      contents.set(draft.name, draft.bytes);
      return { path: draft.name, length: draft.bytes.length, checksum: 0 };
    });
    expect(canonicalGroups({ ...rest, files: stored, contents })).toEqual(canonical);
    expect(() => native!.write()).toThrow(/second time/);
    expect(canonicalGroups(store.take(state.keyed, 2, 0))).toEqual(state.take());
  });

  test("[LB1] [C64] [A18] refers to what was stored for its base, and to nothing else", () => {
    const store = new Store();
    const state = opened();
    fill(state, KEYS);
    const paths = (snapshot: NativeKeyedSnapshot): Set<string> =>
      new Set(snapshot.files.map(({ path }) => path));
    const first = store.take(state.keyed, 1, 0);
    fill(state, KEYS.slice(0, 2), 9);
    const aborted = store.take(state.keyed, 2, 1);
    const second = store.take(state.keyed, 3, 1);
    const full = store.take(state.keyed, 4, 0);
    const reused = [...paths(second)].filter((path) => paths(first).has(path));
    expect(reused.length).toBeGreaterThan(paths(second).size / 2);
    for (const path of paths(second)) {
      expect(paths(first).has(path) || path.startsWith("0/3-")).toBe(true);
    }
    expect([...paths(aborted)].some((path) => path.startsWith("0/2-"))).toBe(true);
    expect([...paths(full)].every((path) => path.startsWith("0/4-"))).toBe(true);
    const later = store.take(state.keyed, 5, 3);
    for (const path of paths(later)) expect(/^0\/[135]-/.test(path)).toBe(true);
    for (const snapshot of [second, full, later]) {
      expect(canonicalGroups(snapshot)).toEqual(state.take());
    }
    const heir = restored([later], WHOLE, 5);
    const again = store.take(heir.keyed, 6, 5, "heir");
    expect(paths(again)).toEqual(paths(later));
    const anew = [...paths(store.take(heir.keyed, 7, 4, "heir"))];
    expect(anew.every((path) => path.startsWith("heir/7-"))).toBe(true);
  });

  test("what a part of the keys has changed is a part of what is stored", () => {
    const store = new Store();
    const { keyed, at } = openBackend(onOwnDisk(diskBackend({ runBytes: 4_096 })));
    const value = keyed.getState(total);
    const keys = Array.from({ length: 5_000 }, (_, i) => `key-${i}`);
    const stored = (checkpoint: number): number => {
      const { files } = store.take(keyed, checkpoint, checkpoint - 1);
      const own = files.filter(({ path }) => path.startsWith(`0/${checkpoint}-`));
      return own.reduce((sum, { length }) => sum + length, 0);
    };
    for (const [i, key] of keys.entries()) {
      at(key);
      value.update(i);
    }
    const all = stored(1);
    for (const key of keys.slice(0, 50)) {
      at(key);
      value.update(0);
    }
    expect(stored(2)).toBeLessThan(all / 40);
  });
});

describe("rescaling", () => {
  const CUTS: readonly KeyGroupRange[] = [
    { first: 0, last: 2 },
    { first: 3, last: GROUPS - 1 },
  ];

  test("[LB2] [NL1] [C58] [A15] [A19] out, changed and in again: the newest wins, the deleted stay away", () => {
    const store = new Store();
    const parent = opened();
    fill(parent, KEYS);
    const first = store.take(parent.keyed, 1, 0);
    const expected = opened();
    fill(expected, KEYS);
    const parts = CUTS.map((range, i) => {
      const child = restored([first], range);
      const whole = parent.take();
      expect(child.take()).toEqual(whole.filter((group) => rangeHolds(range, group.keyGroup)));
      for (const [n, key] of KEYS.entries()) {
        if (!rangeHolds(range, groupOf(key))) continue;
        for (const { keyed, at } of [child, expected]) {
          at(key);
          if (n % 3 === 0) keyed.getState(total).clear();
          if (n % 3 === 1) keyed.getState(total).update(1_000 + n);
          if (n % 4 === 0) keyed.getMapState(byName).clear();
        }
      }
      return store.take(child.keyed, 2, 1, `child-${i}`);
    });
    for (const order of [parts, [...parts].reverse()]) {
      const heir = restored(order, WHOLE, 2);
      expect(heir.take()).toEqual(expected.take());
      const { files } = store.take(heir.keyed, 3, 2, `heir-${order === parts ? 0 : 1}`);
      expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
    }
  });

  test("[C58] whatever is done on either side of a cut, in whatever order of rescaling", () => {
    const step = fc.record({
      key: fc.constantFrom(...KEYS.slice(0, 24)),
      kind: fc.constantFrom("value", "list", "map", "clear", "cut", "checkpoint"),
      n: fc.nat({ max: GROUPS - 2 }),
    });
    const property = fc.property(fc.array(step, { size: "max", maxLength: 120 }), (steps) => {
      const store = new Store();
      const plain = openBackend(memoryBackend());
      let checkpoint = 0;
      let parts = [{ range: WHOLE, ...openBackend(spillingBackend()) }];
      for (const { key, kind, n } of steps) {
        if (kind === "cut" || kind === "checkpoint") {
          const base = checkpoint++;
          const taken = parts.map(({ keyed }, i) => store.take(keyed, checkpoint, base, `${i}`));
          if (kind === "checkpoint") continue;
          const halves = [
            { first: 0, last: n },
            { first: n + 1, last: GROUPS - 1 },
          ];
          const cut = n % 2 === 0 ? [WHOLE] : halves;
          parts = cut.map((range) => ({ range, ...restored(taken, range, checkpoint) }));
          continue;
        }
        const home = parts.find(({ range }) => rangeHolds(range, groupOf(key)))!;
        for (const { keyed, at } of [plain, home]) {
          at(key);
          if (kind === "value") keyed.getState(total).update(n);
          if (kind === "list") keyed.getListState(recent).add(n);
          if (kind === "map") keyed.getMapState(byName).put(`${n}`, { n });
          if (kind === "clear") {
            keyed.getState(total).clear();
            keyed.getListState(recent).clear();
            keyed.getMapState(byName).remove(`${n}`);
          }
        }
      }
      expect(parts.flatMap(({ take }): readonly KeyGroupSnapshot[] => take())).toEqual(
        plain.take(),
      );
      const all = parts.map(({ keyed }, i) =>
        store.take(keyed, checkpoint + 1, checkpoint, `${i}`),
      );
      expect(all.flatMap((native) => canonicalGroups(native))).toEqual(plain.take());
    });
    fc.assert(property, { seed: 19, numRuns: 60 });
  });
});

describe("what a function was given", () => {
  test("[SB1] counts as stored until the key changes, and not after", () => {
    const { keyed, at } = openBackend(spillingBackend());
    const [value, map] = [keyed.getState(latest), keyed.getMapState(byName)];
    at("a");
    const given = { n: 1 };
    value.update(given);
    map.put("x", given);
    given.n = 2;
    expect([value.value(), map.get("x")]).toEqual([{ n: 2 }, { n: 2 }]);
    at("b");
    given.n = 3;
    at("a");
    expect([value.value(), map.get("x"), map.entries()]).toEqual([{ n: 2 }, { n: 2 }, [["x", { n: 2 }]]]); // prettier-ignore
  });
});

describe("the types of what was restored", () => {
  const narrow = types.record({ n: types.int });
  const wide = types.record({ n: types.long, tag: types.optional(types.string) });

  test("[LB3] [C51] [A47] natively too: migrated where asked for, each half of its own type", () => {
    const store = new Store();
    const before = openBackend(spillingBackend());
    const [v, m] = [valueState("v", narrow), mapState("m", types.string, narrow)];
    for (const key of KEYS) {
      before.at(key);
      before.keyed.getState(v).update({ n: 1 });
      before.keyed.getMapState(m).put("x", { n: 2 });
    }
    const first = store.take(before.keyed, 1, 0);
    const [low, high] = [{ first: 0, last: 3 }, { first: 4, last: GROUPS - 1 }]; // prettier-ignore
    const asked = restored([first], low);
    asked.keyed.getState(valueState("v", wide));
    asked.keyed.getMapState(mapState("m", types.string, wide));
    const halves = [
      store.take(asked.keyed, 2, 1, "low"),
      store.take(restored([first], high).keyed, 2, 1, "high"),
    ];
    const heir = restored(halves, WHOLE, 2);
    for (const key of KEYS) {
      heir.at(key);
      expect(heir.keyed.getState(valueState("v", wide)).value()).toEqual({ n: 1, tag: undefined });
      expect(heir.keyed.getMapState(mapState("m", types.string, wide)).get("x")?.n).toBe(2);
    }
    expect(() => restored(halves, WHOLE, 2).keyed.getState(valueState("v", types.string))).toThrow(
      /"v" was stored as/,
    );
  });

  test("a state that was declared and never used may come back as any other", () => {
    const store = new Store();
    const before = openBackend(spillingBackend());
    before.keyed.getState(valueState("v", types.string));
    const back = restored([store.take(before.keyed, 1, 0)]);
    back.at("a");
    const value = back.keyed.getState(valueState("v", types.long));
    value.update(1);
    expect(value.value()).toBe(1);
  });
});

describe("the disk", () => {
  test("[C95] expired entries go with a compaction, live ones and those to be shown never", () => {
    const ttl = { ttlMs: 100 };
    const clock = { ms: 1_000 };
    const disk = new MapDisk();
    const { keyed, at } = openBackend(onOwnDisk(diskBackend(SPILLING), disk), WHOLE, clock);
    const value = keyed.getState(valueState("v", types.long, ttl));
    const kept = keyed.getState(
      valueState("kept", types.long, { ...ttl, cleanup: { fullSnapshot: false } }),
    );
    const write = (keys: readonly string[]): void => {
      for (const [i, key] of keys.entries()) {
        at(key);
        value.update(i);
        kept.update(i);
      }
    };
    const stored = (name: string): number => {
      const native = new Store().take(keyed, 1, 0);
      const lines = canonicalGroups(native).map(({ bytes }) => String.fromCharCode(...bytes));
      return lines.join("").split(`${name}\u0000`).length - 1;
    };
    write(KEYS);
    clock.ms += 60;
    write(KEYS.slice(0, 10));
    clock.ms += 60;
    for (let round = 0; round < 20; round++) write(["busy-1", "busy-2"]);
    expect(stored("v")).toBeGreaterThan(0);
    for (const [i, key] of KEYS.slice(0, 10).entries()) {
      at(key);
      expect([value.value(), kept.value()]).toEqual([i, i]);
    }
  });

  test("full, it stops the task, and loses nothing until then", () => {
    const disk = new MapDisk();
    const failures: string[] = [];
    const storage = diskStorage(disk, failures);
    const keyed = diskBackend(SPILLING).create({
      ...{ keyType: types.string, range: WHOLE, maxParallelism: GROUPS, nowMs: () => 0, storage },
    });
    const value = keyed.getState(total);
    const set = (key: string, n: number): void => {
      keyed.setCurrentKey(key, groupOf(key));
      value.update(n);
    };
    for (const [i, key] of KEYS.entries()) set(key, i);
    disk.isFull = true;
    for (const [i, key] of KEYS.entries()) set(key, i + 100);
    expect(failures[0]).toMatch(/state\/\d+\.run does not fit on a disk of \d+ bytes/);
    for (const [i, key] of KEYS.entries()) {
      keyed.setCurrentKey(key, groupOf(key));
      expect(value.value()).toBe(i + 100);
    }
    disk.isFull = false;
    keyed.close!();
    expect(disk.list("")).toEqual([]);
  });

  test("sizes that make no sense are refused, with what to write instead", () => {
    expect(() => diskBackend({ memtableBytes: 0 })).toThrow(
      /`memtableBytes` is 0; give a whole number of bytes, 1 or more/,
    );
  });
});
