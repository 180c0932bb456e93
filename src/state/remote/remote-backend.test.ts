/**
 * What goes from the disk and when, who waits for it, and that nothing of it is ever lost: single steps,
 * then random ones over a store that answers late, in any order, or not at all.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { types } from "../../types/serializers.ts";
import { groupOf, GROUPS, recent, total, WHOLE, byName } from "../contract/fixture.ts";
import { diskBackend } from "../disk/disk-backend.ts";
import { diskStorage, SPILLING } from "../disk/disk.fixture.ts";
import { MapDisk } from "../lsm/lsm.fixture.ts";
import type { NativeKeyedSnapshot } from "../keyed-snapshot.ts";
import { asCheckpointId } from "../../core/ids.ts";
import type { KeyedBackendConfig } from "../state-backend.ts";
import { canonicalGroups } from "../state-manager.ts";
import { remoteBackend } from "./remote-backend.ts";
import { FarState, farBackend, type FarStore } from "./remote.fixture.ts";

const KEYS = Array.from({ length: 40 }, (_, i) => `key-${i}`);
const LOCAL_BYTES = 500;

const config: KeyedBackendConfig<string> = {
  ...{ keyType: types.string, range: WHOLE, maxParallelism: GROUPS },
  nowMs: () => 0,
};

function opened(
  surroundings: { store?: FarStore; writer?: string; base?: number } = {},
  backend = farBackend(),
) {
  const far = new FarState<string>(backend, config, surroundings);
  const { keyed } = far;
  const states = {
    total: keyed.getState(total),
    recent: keyed.getListState(recent),
    byName: keyed.getMapState(byName),
  };
  return { far, keyed, store: far.store, ...states };
}
type Opened = ReturnType<typeof opened>;

function fill({ far, total: value, byName: map }: Opened, keys = KEYS, n = 0): void {
  for (const [i, key] of keys.entries()) {
    far.enter(key, groupOf(key));
    value.update(n + i);
    map.put("x", { n: n + i });
  }
}

/** All that is stored has gone from the disk, but for what the last key holds. */
function away(): Opened {
  const state = opened();
  fill(state);
  state.far.checkpoint(1);
  state.far.checkpoint(2);
  return state;
}

describe("what leaves the disk", () => {
  test("[RA1] [C64] [C32] nothing before a request names the checkpoint that has stored it", () => {
    const state = opened();
    fill(state);
    const before = state.store.localBytes;
    state.far.checkpoint(1, false);
    state.far.checkpoint(2, false);
    expect(state.store.localBytes).toBeGreaterThanOrEqual(before);
    for (const key of KEYS) expect(state.keyed.ready?.(key, groupOf(key))).toBe(true);
    expect(state.store.downloads).toBe(0);
    state.far.checkpoint(3, true);
    state.far.checkpoint(4);
    expect(state.store.localBytes).toBeLessThan(before / 2);
    fill(state, KEYS, 1_000);
    expect(state.store.downloads).toBeGreaterThan(0);
  });

  test("[RA2] what the store has weighs no more than the bound, once nobody holds it", () => {
    const state = opened({}, remoteBackend({ ...SPILLING, localBytes: LOCAL_BYTES }));
    fill(state);
    state.far.checkpoint(1);
    state.far.checkpoint(2);
    // A key that no file can hold: nothing is in hand.
    state.far.enter("nobody", groupOf("nobody"));
    state.far.checkpoint(3);
    expect(state.store.localBytes).toBeLessThanOrEqual(LOCAL_BYTES);
    expect(state.store.localBytes).toBeGreaterThan(0);
  });

  test("[C51] not while restored state has not been asked for: it may have to be written anew", () => {
    const stored = away();
    const snapshot = stored.far.checkpoint(3);
    const { store } = stored;
    const back = new FarState<string>(farBackend(), config, { store, writer: "b", base: 3 });
    back.keyed.restoreNative!(snapshot, asCheckpointId(3));
    back.checkpoint(4);
    back.checkpoint(5);
    for (const key of KEYS) expect(back.keyed.ready?.(key, groupOf(key))).toBe(true);
    back.keyed.getState(total);
    back.keyed.getListState(recent);
    back.keyed.getMapState(byName);
    back.checkpoint(6);
    expect(KEYS.every((key) => back.keyed.ready?.(key, groupOf(key)))).toBe(false);
  });
});

describe("who needs what is away", () => {
  test("[RA3] waits until all of it has come; it is brought once, however often it is asked for", () => {
    const { far, keyed, store, total: value } = away();
    const key = KEYS.find((each) => keyed.ready?.(each, groupOf(each)) === false)!;
    const asked = store.downloads;
    expect(asked).toBeGreaterThan(0);
    expect(keyed.ready?.(key, groupOf(key))).toBe(false);
    expect(store.downloads).toBe(asked);
    const wokenBefore = store.wakeUps;
    store.answerAll();
    expect(store.wakeUps).toBeGreaterThan(wokenBefore);
    expect(keyed.ready?.(key, groupOf(key))).toBe(true);
    far.enter(key, groupOf(key));
    expect(value.value()).toBe(KEYS.indexOf(key));
  });

  test("[C52] fails the task when the store has not got it", () => {
    const { keyed, store } = away();
    KEYS.find((each) => keyed.ready?.(each, groupOf(each)) === false);
    store.answer(0, "it is gone");
    expect(store.failures).toEqual(["state: it is gone"]);
  });

  test("[RA1] and a key that was not waited for is not read as one without state", () => {
    const { keyed, total: value } = away();
    const key = KEYS.find((each) => keyed.ready?.(each, groupOf(each)) === false)!;
    keyed.setCurrentKey(key, groupOf(key));
    expect(() => value.value()).toThrow(/RA1 run .* is read while it is away/);
  });

  test("[C41] [C63] a snapshot that may refer to nothing has all of it brought, and let go again", () => {
    const state = away();
    const expected = state.far.canonical();
    const bytesBefore = state.store.localBytes;
    const savepoint = state.far.checkpoint(9, false, asCheckpointId(0));
    expect(canonicalGroups(savepoint)).toEqual(expected);
    expect(savepoint.files.every(({ path }) => path.startsWith("0/9-"))).toBe(true);
    expect(state.store.localBytes).toBe(bytesBefore);
  });

  test("a snapshot is declined when a file of it cannot be brought", () => {
    const { keyed, store } = away();
    const pending = keyed.snapshot();
    const results: unknown[] = [];
    pending.prepare?.((result) => results.push(result));
    store.answer(0, "no answer");
    expect(results).toEqual([{ ok: false, error: "no answer" }]);
    pending.discard();
    store.answerAll();
    expect(results.length).toBe(1);
    expect(store.failures).toEqual([]);
  });
});

test("[LB2] disk and remote backends read each other's snapshots", () => {
  const state = away();
  const expected = state.far.canonical();
  const storage = diskStorage(new MapDisk());
  const onDisk = diskBackend(SPILLING).create({ ...config, storage });
  onDisk.restoreNative!(state.far.checkpoint(3), asCheckpointId(3));
  expect(onDisk.snapshot().write()).toEqual(expected);
  const { native } = onDisk.snapshot({
    ...{ checkpointId: asCheckpointId(4), form: "native", base: asCheckpointId(0) },
  });
  const { files: drafts, ...rest } = native!.write();
  const contents = new Map<string, Uint8Array>();
  const files = drafts.map((draft) => {
    if (draft.kind === "known") throw new Error("nothing was stored before");
    contents.set(draft.name, draft.bytes);
    return { path: draft.name, length: draft.bytes.length, checksum: 0 };
  });
  const back = opened();
  back.keyed.restoreNative!({ ...rest, files, contents }, asCheckpointId(4));
  expect(back.far.canonical()).toEqual(expected);
});

test("sizes that make no sense are refused", () => {
  expect(() => remoteBackend({ localBytes: 0 })).toThrow(/remoteBackend: `localBytes` is 0/);
  expect(() => remoteBackend({ blockBytes: 1.5 })).toThrow(/remoteBackend: `blockBytes` is 1.5/);
});

type Step =
  | Readonly<{ kind: "add" | "clear"; key: number; n: number }>
  | Readonly<{ kind: "checkpoint"; isComplete: boolean }>
  | Readonly<{ kind: "ask"; key: number }>
  | Readonly<{ kind: "answer"; at: number }>
  | Readonly<{ kind: "restart" }>;

const key = fc.nat(KEYS.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 40, arbitrary: fc.record({ kind: fc.constant("add"), key, n: fc.nat(99) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("clear"), key, n: fc.nat(99) }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("checkpoint"), isComplete: fc.boolean() }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("ask"), key }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("answer"), at: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart") }) },
) as fc.Arbitrary<Step>;

class Played {
  #state = opened();
  #checkpoints = 0;
  #restarts = 0;
  #model = new Map<string, readonly number[]>();
  #stored:
    Readonly<{ native: NativeKeyedSnapshot; model: Map<string, readonly number[]> }> | undefined;
  #storedAt = 0;
  downloads = 0;

  run(each: Step): void {
    const { far, keyed, store, recent: list } = this.#state;
    switch (each.kind) {
      case "add":
      case "clear": {
        const name = KEYS[each.key]!;
        far.enter(name, groupOf(name));
        expect(list.get()).toEqual(this.#model.get(name) ?? []);
        if (each.kind === "clear") {
          list.clear();
          this.#model.delete(name);
        } else {
          list.add(each.n);
          this.#model.set(name, [...(this.#model.get(name) ?? []), each.n]);
        }
        return;
      }
      case "checkpoint": {
        const native = far.checkpoint(++this.#checkpoints, each.isComplete);
        if (!each.isComplete) return;
        this.#stored = { native, model: new Map(this.#model) };
        this.#storedAt = this.#checkpoints;
        return;
      }
      case "ask":
        keyed.ready?.(KEYS[each.key]!, groupOf(KEYS[each.key]!));
        return;
      case "answer":
        if (store.open.length > 0) store.answer(each.at % store.open.length);
        return;
      case "restart":
        this.#restart();
    }
  }

  #restart(): void {
    if (this.#stored === undefined) return;
    const { files } = this.#state.store;
    this.downloads += this.#state.store.downloads;
    this.#state = opened({ writer: `w${++this.#restarts}`, base: this.#storedAt });
    for (const [path, bytes] of files) this.#state.store.files.set(path, bytes);
    const { native, model } = this.#stored;
    this.#state.keyed.restoreNative!(native, asCheckpointId(this.#storedAt));
    this.#state.keyed.getListState(recent);
    this.#model = new Map(model);
  }

  end(): void {
    for (const [i] of KEYS.entries()) this.run({ kind: "add", key: i, n: 0 });
    this.downloads += this.#state.store.downloads;
    expect(this.#state.store.failures).toEqual([]);
  }
}

test("[RA1] [RA3] [C63] state far away follows a plain map, whatever is asked, answered, stored or lost", () => {
  let downloads = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 100, maxLength: 400 }), (steps) => {
      const played = new Played();
      for (const each of steps) played.run(each);
      played.end();
      downloads += played.downloads;
    }),
    { seed: 20_261, numRuns: 25 },
  );
  expect(downloads).toBeGreaterThan(500);
});
