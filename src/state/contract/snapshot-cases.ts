/** Snapshots: closed to what comes later, each of its own moment, equal for equal state. */
import type { KeyGroupSnapshot } from "../keyed-snapshot.ts";
import { expect } from "vitest";
import { InvariantError } from "../../core/assert.ts";
import { byName, latest, openBackend, recent, seen, total } from "./fixture.ts";
import type { Case, Counter, Factory } from "./fixture.ts";

/** State of every kind under two keys, and a snapshot of it that is not written yet. */
function filled(factory: Factory) {
  const opened = openBackend(factory());
  const { keyed, at } = opened;
  const states = {
    value: keyed.getState(latest),
    list: keyed.getListState(seen),
    plain: keyed.getListState(recent),
    map: keyed.getMapState(byName),
  };
  for (const key of ["a", "b"]) {
    at(key);
    states.value.update({ n: 1 });
    states.list.addAll([{ n: 1 }, { n: 2 }]);
    states.plain.addAll([1, 2]);
    states.map.put("x", { n: 1 });
    states.map.put("y", { n: 2 });
  }
  return { ...opened, ...states };
}

/** Every way in which state can change. */
const CHANGES: Readonly<Record<string, (state: ReturnType<typeof filled>) => void>> = {
  "stored anew": ({ value, list, plain, map }) => {
    value.update({ n: 9 });
    list.update([{ n: 9 }]);
    plain.update([9]);
    map.put("x", { n: 9 });
  },
  "changed in place": ({ value, list, map }) => {
    value.value()!.n = 9;
    for (const element of list.get() as Counter[]) element.n = 9;
    map.get("x")!.n = 9;
    for (const [, held] of map.entries()) held.n = 9;
  },
  appended: ({ list, plain, map }) => {
    list.add({ n: 9 });
    for (const element of list.get() as Counter[]) element.n = 9;
    plain.add(9);
    plain.addAll([9, 9]);
    map.put("z", { n: 9 });
  },
  removed: ({ value, list, plain, map }) => {
    value.clear();
    list.clear();
    plain.clear();
    map.clear();
  },
  "removed and made again": ({ value, list, plain, map }) => {
    value.clear();
    value.update({ n: 9 });
    list.clear();
    list.add({ n: 9 });
    plain.clear();
    plain.add(9);
    map.remove("x");
    map.remove("y");
    map.put("x", { n: 9 });
  },
};

export function isolationCases(check: Case, factory: Factory): void {
  for (const [what, change] of Object.entries(CHANGES)) {
    check(`[SB1] [C63] a snapshot does not see what is ${what} after it`, () => {
      const before = filled(factory).take();
      const state = filled(factory);
      const pending = state.keyed.snapshot();
      state.at("a");
      change(state);
      state.at("new");
      state.value.update({ n: 3 });
      state.map.put("x", { n: 3 });
      expect(pending.write()).toEqual(before);
      expect(state.take()).not.toEqual(before);
    });
  }

  check("[SB1] taking a snapshot does not change what a function holds on to", () => {
    const { keyed, at } = openBackend(factory());
    const value = keyed.getState(latest);
    at("a");
    value.update({ n: 1 });
    const pending = keyed.snapshot();
    const held = value.value()!;
    held.n = 2;
    expect(value.value()).toEqual({ n: 2 });
    pending.discard();
    expect(value.value()).toEqual({ n: 2 });
  });
}

export function pendingCases(check: Case, factory: Factory): void {
  check("[SB1] several pending snapshots each see their own moment, in any order", () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
      [1, 2, 0],
    ]) {
      // prettier-ignore
      const { keyed, at, take } = openBackend(factory());
      const value = keyed.getState(latest);
      const moments: KeyGroupSnapshot[][] = [];
      const pending = [];
      for (let n = 0; n < 3; n++) {
        at("a");
        value.update({ n });
        at(`only-${n}`);
        value.update({ n });
        moments.push([...take()]);
        pending.push(keyed.snapshot());
        at("a");
        value.value()!.n = 100 + n;
        at(`only-${n}`);
        value.clear();
      }
      for (const n of order) expect(pending[n]!.write()).toEqual(moments[n]);
    }
  });

  check("a snapshot is written once, and discarding is final", () => {
    const { keyed } = openBackend(factory());
    const pending = keyed.snapshot();
    expect(pending.write()).toEqual([]);
    pending.discard();
    expect(() => pending.write()).toThrow(InvariantError);
    const other = keyed.snapshot();
    other.discard();
    other.discard();
    expect(() => other.write()).toThrow(/second time|discard/);
  });

  check("[SB2] equal state gives equal bytes, whatever led to it", () => {
    const one = openBackend(factory());
    const two = openBackend(factory());
    const keys = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    const first = one.keyed.getState(total);
    for (const key of keys) {
      one.at(key);
      first.update(key.length);
    }
    two.keyed.getMapState(byName);
    const second = two.keyed.getState(total);
    for (const key of ["gone", ...keys.reverse(), "a"]) {
      two.at(key);
      second.update(5);
      second.update(key.length);
    }
    two.at("gone");
    second.clear();
    expect(two.take()).toEqual(one.take());
  });
}
