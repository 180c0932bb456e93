/**
 * Logged state against state without a log, over many lives of a subtask: changes of every kind,
 * snapshots that build on one another, are aborted, fail or are never heard of again, savepoints in
 * between, materializations, a store that refuses for a while, restarts with the same and with other
 * key groups.
 *
 * After each restore the state is that of the snapshot, and no file that a later snapshot may need was
 * left out of an acknowledgement: whatever is not on the list of the newest complete one is deleted.
 */
import type { KeyGroupRange, KeyGroupSnapshot, NativeKeyedSnapshot } from "../keyed-snapshot.ts";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { asCheckpointId, asKeyGroup } from "../../core/ids.ts";
import type { StoredFile } from "../../core/stored-file.ts";
import { types } from "../../types/serializers.ts";
import {
  GROUPS,
  groupOf,
  latest,
  byName,
  seen,
  recent,
  total,
  WHOLE,
} from "../contract/fixture.ts";
import { rangeHolds } from "../key-groups.ts";
import { memoryBackend } from "../memory/memory-backend.ts";
import type { KeyedStateBackend, PendingSnapshot } from "../state-backend.ts";
import { changelogBackend } from "./changelog-backend.ts";
import { fetched, LogStorage, store } from "./changelog.fixture.ts";
import { changelogGroups } from "./replay.ts";

const KEYS = ["a", "b", "c", "d", "key-1", "key-2"];
const backend = changelogBackend(memoryBackend(), { segmentBytes: 30, materializeMs: 1 });

function statesOf(keyed: KeyedStateBackend<string>) {
  return {
    total: keyed.getState(total),
    latest: keyed.getState(latest),
    recent: keyed.getListState(recent),
    seen: keyed.getListState(seen),
    byName: keyed.getMapState(byName),
  };
}

type Groups = readonly KeyGroupSnapshot[];

const within = (groups: Groups, range: KeyGroupRange): Groups =>
  groups.filter(({ keyGroup }) => rangeHolds(range, keyGroup));

/** A backend without a log, to which the same is done. */
function mirrorOf(groups: Groups): KeyedStateBackend<string> {
  const config = { keyType: types.string, maxParallelism: GROUPS, nowMs: () => 0 };
  const keyed = memoryBackend().create({ ...config, range: WHOLE });
  for (const group of groups) keyed.restore(group);
  return keyed;
}

const CHANGES = [
  ...["total", "untotal", "latest", "latest-in-place", "latest-stored-then-changed", "unlatest"],
  ...["append", "replace", "empty", "see", "see-in-place", "see-then-change", "unsee"],
  ...["put", "put-in-place", "put-then-change", "all-in-place", "remove", "unmap"],
] as const;
type Change = (typeof CHANGES)[number];

function change(states: ReturnType<typeof statesOf>, kind: Change, n: number): void {
  const name = ["x", "y", "zz"][n % 3]!;
  switch (kind) {
    case "total":
      return states.total.update(n);
    case "untotal":
      return states.total.clear();
    case "latest":
      return states.latest.update({ n });
    case "latest-in-place": {
      const value = states.latest.value();
      if (value !== undefined) value.n = n;
      return;
    }
    case "latest-stored-then-changed": {
      const value = { n: n + 1 };
      states.latest.update(value);
      value.n = n;
      return;
    }
    case "unlatest":
      return states.latest.clear();
    case "append":
      return states.recent.addAll([n, n + 1]);
    case "replace":
      return states.recent.update([n]);
    case "empty":
      return states.recent.clear();
    case "see":
      return states.seen.add({ n });
    case "see-in-place":
      for (const counter of states.seen.get()) counter.n += n;
      return;
    case "see-then-change": {
      const counter = { n: n + 1 };
      states.seen.add(counter);
      counter.n = n;
      return;
    }
    case "unsee":
      return states.seen.update([]);
    case "put":
      return states.byName.put(name, { n });
    case "put-in-place": {
      const value = states.byName.get(name);
      if (value !== undefined) value.n = n;
      return;
    }
    case "put-then-change": {
      const value = { n: n + 1 };
      states.byName.put(name, value);
      value.n = n;
      return;
    }
    case "all-in-place":
      for (const [, value] of states.byName.entries()) value.n += n;
      return;
    case "remove":
      return states.byName.remove(name);
    case "unmap":
      return states.byName.clear();
  }
}

const step = fc.record({
  what: fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom(...CHANGES) },
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        ...(["snapshot", "snapshot", "finish", "finish", "abort", "savepoint"] as const),
        ...(["deliver", "refuse", "materialize", "restart", "rescale", "claim-nothing"] as const),
      ),
    },
  ),
  key: fc.constantFrom(...KEYS),
  n: fc.nat({ max: 50 }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

type Pending = Readonly<{
  id: number;
  snapshot: PendingSnapshot;
  content: Groups;
  /** Files of a savepoint are its own. */
  isSavepoint: boolean;
}>;
type Complete = Readonly<{
  id: number;
  native: NativeKeyedSnapshot;
  content: Groups;
}>;

/** One subtask through all its attempts, and what a coordinator would do with its files. */
class Subtask {
  #storage = new LogStorage();
  #keyed: KeyedStateBackend<string>;
  #states: ReturnType<typeof statesOf>;
  #mirror = mirrorOf([]);
  #mirrored = statesOf(this.#mirror);
  #range = WHOLE;
  #attempt = 0;
  #lastId = 0;
  #base = 0;
  #pending: Pending[] = [];
  #complete: Complete | undefined;
  readonly #files = new Map<string, Uint8Array>();

  constructor() {
    this.#keyed = this.#open(WHOLE);
    this.#states = statesOf(this.#keyed);
  }

  play({ what, key, n }: Step): void {
    switch (what) {
      case "snapshot":
      case "savepoint":
        this.#take(what === "savepoint");
        return;
      case "finish":
        this.#finish(n);
        return;
      case "abort":
        this.#pending.splice(n % Math.max(1, this.#pending.length), 1)[0]?.snapshot.discard();
        return;
      case "deliver":
        this.#storage.deliver();
        return;
      case "refuse":
        this.#storage.deliver("the store is down");
        return;
      case "materialize":
        this.#storage.ring();
        return;
      case "restart":
      case "claim-nothing":
        this.#restart([this.#complete], this.#range, what === "restart");
        return;
      case "rescale":
        this.#rescale(n % (GROUPS - 1));
        return;
      default:
        this.#change(key, what, n);
    }
  }

  end(): void {
    if (this.#complete !== undefined) this.#restart([this.#complete], this.#range, true);
  }

  #change(key: string, kind: Change, n: number): void {
    this.#keyed.setCurrentKey(key, groupOf(key));
    change(this.#states, kind, n);
    this.#mirror.setCurrentKey(key, groupOf(key));
    change(this.#mirrored, kind, n);
  }

  #open(range: KeyGroupRange): KeyedStateBackend<string> {
    this.#attempt++;
    this.#storage = new LogStorage(`${this.#attempt}/`);
    for (const [path, bytes] of this.#files) this.#storage.files.set(path, bytes);
    const config = { keyType: types.string, maxParallelism: GROUPS, nowMs: () => 0 };
    return backend.create({ ...config, range, storage: this.#storage });
  }

  #take(isSavepoint: boolean): void {
    const id = ++this.#lastId;
    const request = {
      checkpointId: asCheckpointId(id),
      base: asCheckpointId(isSavepoint ? 0 : this.#base),
      form: "native",
    } as const;
    const snapshot = this.#keyed.snapshot(request);
    const content = this.#mirror.snapshot().write();
    this.#pending.push({ id, snapshot, content, isSavepoint });
  }

  /** The snapshot is stored, and it was the last one that the checkpoint waited for. */
  #finish(n: number): void {
    const pending = this.#pending[n % Math.max(1, this.#pending.length)];
    if (pending === undefined) return;
    this.#pending = this.#pending.filter(({ id }) => id > pending.id);
    const { id, snapshot, content, isSavepoint } = pending;
    const prefix = `${this.#attempt}/${isSavepoint ? "savepoint" : ""}${id}/`;
    const native = store(this.#storage, snapshot.native!, prefix);
    expect(changelogGroups(native)).toEqual(within(content, this.#range));
    if (isSavepoint) {
      for (const path of native.files.map((file) => file.path)) this.#storage.files.delete(path);
      return;
    }
    this.#complete = { id, native, content };
    this.#base = id;
    this.#forgetBut([...native.files, ...snapshot.native!.alsoKept()]);
  }

  /** What is under way is listed as well, by whoever uploads it. */
  #forgetBut(files: readonly StoredFile[]): void {
    const listed = new Set(files.map(({ path }) => path));
    for (const path of this.#storage.files.keys()) {
      if (!listed.has(path)) this.#storage.files.delete(path);
    }
  }

  #restart(
    from: readonly (Complete | undefined)[],
    range: KeyGroupRange,
    mayReferTo: boolean,
  ): void {
    this.#files.clear();
    for (const [path, bytes] of this.#storage.files) this.#files.set(path, bytes);
    this.#keyed.close?.();
    this.#pending = [];
    this.#keyed = this.#open(range);
    this.#range = range;
    const content: KeyGroupSnapshot[] = [];
    for (const complete of from) {
      if (complete === undefined) continue;
      const native = fetched(this.#storage, complete.native);
      this.#keyed.restoreNative!(native, asCheckpointId(complete.id));
      content.push(...complete.content);
    }
    content.sort((a, b) => a.keyGroup - b.keyGroup);
    expect(this.#keyed.snapshot().write()).toEqual(within(content, range));
    this.#states = statesOf(this.#keyed);
    this.#mirror = mirrorOf(content);
    this.#mirrored = statesOf(this.#mirror);
    this.#base = mayReferTo ? (this.#complete?.id ?? 0) : 0;
  }

  /** Two subtasks for a checkpoint's time, then one again (A19). */
  #rescale(cut: number): void {
    const complete = this.#complete;
    if (complete === undefined) return;
    const halves = [
      { first: 0, last: cut },
      { first: cut + 1, last: GROUPS - 1 },
    ].map((range): Complete => {
      this.#restart([complete], range, true);
      for (const key of KEYS.filter((other) => rangeHolds(range, groupOf(other)))) {
        this.#change(key, "untotal", 0);
        this.#change(key, "put", cut);
        this.#change(key, "append", cut);
      }
      const id = complete.id + 1;
      const request = { form: "native", base: asCheckpointId(complete.id) } as const;
      const snapshot = this.#keyed.snapshot({ ...request, checkpointId: asCheckpointId(id) });
      const content = within(this.#mirror.snapshot().write(), range);
      const native = store(this.#storage, snapshot.native!, `${this.#attempt}/${id}/`);
      return { id, native, content };
    });
    this.#lastId = complete.id + 1;
    this.#complete = halves[0]!;
    this.#restart(halves, WHOLE, true);
    this.#take(false);
    this.#finish(0);
  }
}

test("[C63] [C64] [C65] [C68] [CB1] [CB2] [LP1] [RP1] [RP3] logged state, through many lives", () => {
  const property = fc.property(fc.array(step, { size: "max", maxLength: 150 }), (steps) => {
    const subtask = new Subtask();
    for (const next of steps) subtask.play(next);
    subtask.end();
  });
  fc.assert(property, { seed: 68, numRuns: 300 });
});

test("the keys of the model lie in several key groups", () => {
  expect(new Set(KEYS.map((key) => asKeyGroup(groupOf(key)))).size).toBeGreaterThan(2);
});
