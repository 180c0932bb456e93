/**
 * Random operations against plain maps: whatever is done to state, in whatever order with
 * snapshots, reads give what the maps hold, and every snapshot gives what the maps held when it was
 * taken.
 *
 * What a snapshot should hold is told twice: by reading a backend restored from it, and by
 * comparing its bytes with those of a backend that was filled with the maps' content directly
 * (SB2).
 */
import type { KeyGroupSnapshot } from "../keyed-snapshot.ts";
import * as fc from "fast-check";
import { expect } from "vitest";
import { rangeHolds } from "../key-groups.ts";
import type { PendingSnapshot, StateBackend } from "../state-backend.ts";
import {
  byName,
  groupOf,
  GROUPS,
  latest,
  openBackend,
  recent,
  restoreInto,
  seen,
  total,
} from "./fixture.ts";
import type { Case, Counter, Factory } from "./fixture.ts";

const KEYS = ["a", "b", "c", "d", "key-1", "key-2"];
const MAP_KEYS = ["x", "y", "zz", ""];

/** What one key holds; absent fields and empty collections are the same to a reader. */
type Held = {
  total?: number;
  latest?: Counter;
  recent: number[];
  seen: Counter[];
  byName: Map<string, Counter>;
};
type Model = Map<string, Held>;

const KINDS = [
  "total.update",
  "total.clear",
  "latest.update",
  "latest.change",
  "latest.clear",
  "recent.add",
  "recent.update",
  "recent.get",
  "recent.clear",
  "seen.add",
  "seen.update",
  "seen.change",
  "seen.clear",
  "map.put",
  "map.change",
  "map.change-all",
  "map.remove",
  "map.clear",
  "snapshot",
  "snapshot",
  "write",
  "discard",
  "restart",
] as const;
type Step = Readonly<{ kind: (typeof KINDS)[number]; key: string; mapKey: string; n: number }>;

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS),
  key: fc.constantFrom(...KEYS),
  mapKey: fc.constantFrom(...MAP_KEYS),
  n: fc.nat({ max: 1_000 }),
});

const heldBy = (model: Model, key: string): Held => {
  let held = model.get(key);
  if (held === undefined) {
    held = { recent: [], seen: [], byName: new Map() };
    model.set(key, held);
  }
  return held;
};

function statesOf(opened: ReturnType<typeof openBackend>) {
  const { keyed } = opened;
  return {
    ...opened,
    total: keyed.getState(total),
    latest: keyed.getState(latest),
    recent: keyed.getListState(recent),
    seen: keyed.getListState(seen),
    byName: keyed.getMapState(byName),
  };
}
type States = ReturnType<typeof statesOf>;

/**
 * Both sides get objects of their own, so that a change in place reaches only the side it is made
 * on.
 */
function change(states: States, held: Held, { kind, mapKey, n }: Step): void {
  switch (kind) {
    case "total.update":
      states.total.update(n);
      held.total = n;
      return;
    case "total.clear":
      states.total.clear();
      delete held.total;
      return;
    case "latest.update":
      states.latest.update({ n });
      held.latest = { n };
      return;
    case "latest.change": {
      const value = states.latest.value();
      if (value !== undefined) value.n = n;
      if (held.latest !== undefined) held.latest.n = n;
      return;
    }
    case "latest.clear":
      states.latest.clear();
      delete held.latest;
      return;
    default:
      if (kind.startsWith("map.")) changeMap(states, held, kind, mapKey, n);
      else changeLists(states, held, kind, n);
  }
}

function changeLists(states: States, held: Held, kind: Step["kind"], n: number): void {
  switch (kind) {
    case "recent.add":
      states.recent.addAll([n, n + 1]);
      held.recent.push(n, n + 1);
      return;
    case "recent.update":
      held.recent = Array.from({ length: n % 4 }, (_, i) => n + i);
      states.recent.update(held.recent);
      return;
    case "recent.get":
      expect(states.recent.get()).toEqual(held.recent);
      return;
    case "recent.clear":
      states.recent.clear();
      held.recent = [];
      return;
    case "seen.add":
      states.seen.add({ n });
      held.seen.push({ n });
      return;
    case "seen.update":
      states.seen.update([{ n }]);
      held.seen = [{ n }];
      return;
    case "seen.change":
      for (const element of states.seen.get()) element.n += n;
      for (const element of held.seen) element.n += n;
      return;
    default:
      states.seen.clear();
      held.seen = [];
  }
}

function changeMap(
  states: States,
  held: Held,
  kind: Step["kind"],
  mapKey: string,
  n: number,
): void {
  switch (kind) {
    case "map.put":
      states.byName.put(mapKey, { n });
      held.byName.set(mapKey, { n });
      return;
    case "map.change": {
      const [one, other] = [states.byName.get(mapKey), held.byName.get(mapKey)];
      if (one !== undefined) one.n = n;
      if (other !== undefined) other.n = n;
      return;
    }
    case "map.change-all":
      for (const [, value] of states.byName.entries()) value.n += n;
      for (const value of held.byName.values()) value.n += n;
      return;
    case "map.remove":
      states.byName.remove(mapKey);
      held.byName.delete(mapKey);
      return;
    default:
      states.byName.clear();
      held.byName.clear();
  }
}

/** Every key of the model, read through handles. */
function expectHolds(states: States, model: Model): void {
  for (const key of KEYS) {
    const held = heldBy(model, key);
    states.at(key);
    expect(states.total.value()).toEqual(held.total);
    expect(states.latest.value()).toEqual(held.latest);
    expect(states.recent.get()).toEqual(held.recent);
    expect(states.seen.get()).toEqual(held.seen);
    const entries = [...held.byName].sort(
      ([a], [b]) => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0),
    );
    expect(states.byName.entries()).toEqual(entries);
    expect(states.byName.isEmpty()).toBe(entries.length === 0);
  }
}

/** The bytes of a backend that holds just what the model holds. */
function bytesOf(backend: StateBackend, model: Model): readonly KeyGroupSnapshot[] {
  const states = statesOf(openBackend(backend));
  for (const [key, held] of structuredClone(model)) {
    states.at(key);
    if (held.total !== undefined) states.total.update(held.total);
    if (held.latest !== undefined) states.latest.update(held.latest);
    states.recent.update(held.recent);
    states.seen.update(held.seen);
    for (const [mapKey, value] of held.byName) states.byName.put(mapKey, value);
  }
  return states.take();
}

function expectSnapshot(factory: Factory, groups: readonly KeyGroupSnapshot[], model: Model): void {
  expect(groups).toEqual(bytesOf(factory(), model));
  expectHolds(statesOf(restoreInto(factory(), groups)), model);
}

/** Two subtasks with half the groups each, and then one again (C58). */
function throughTwoRanges(factory: Factory, groups: readonly KeyGroupSnapshot[], cut: number) {
  const low = { first: 0, last: cut };
  const high = { first: cut + 1, last: GROUPS - 1 };
  const parts = [high, low].flatMap((range) => {
    const part = restoreInto(factory(), groups, range).take();
    expect(part).toEqual(groups.filter(({ keyGroup }) => rangeHolds(range, keyGroup)));
    return part;
  });
  return restoreInto(factory(), parts);
}

type Pending = Readonly<{ snapshot: PendingSnapshot; model: Model }>;

function play(factory: Factory, steps: readonly Step[]): void {
  let states = statesOf(openBackend(factory()));
  let model: Model = new Map();
  let pending: Pending[] = [];
  for (const next of steps) {
    const chosen = pending[next.n % Math.max(1, pending.length)];
    switch (next.kind) {
      case "snapshot":
        pending.push({ snapshot: states.keyed.snapshot(), model: structuredClone(model) });
        break;
      case "write":
      case "discard":
        if (chosen === undefined) break;
        pending = pending.filter((other) => other !== chosen);
        if (next.kind === "discard") chosen.snapshot.discard();
        else expectSnapshot(factory, chosen.snapshot.write(), chosen.model);
        break;
      case "restart":
        if (chosen === undefined) break;
        pending = [];
        model = chosen.model;
        states = statesOf(throughTwoRanges(factory, chosen.snapshot.write(), next.n % 7));
        break;
      default:
        states.at(next.key);
        change(states, heldBy(model, next.key), next);
    }
  }
  for (const { snapshot, model: then } of pending) expectSnapshot(factory, snapshot.write(), then);
  expectHolds(states, model);
  expectSnapshot(factory, states.take(), model);
}

export function modelCases(check: Case, factory: Factory): void {
  check("the keys of the model lie in several key groups", () => {
    expect(new Set(KEYS.map(groupOf)).size).toBeGreaterThan(2);
  });

  check("[SB1] [SB2] [C53] [C58] [C62] [C63] state and its snapshots follow plain maps", () => {
    const property = fc.property(fc.array(step, { size: "max", maxLength: 120 }), (steps) => {
      play(factory, steps);
    });
    fc.assert(property, { seed: 63, numRuns: 200 });
  });
}
