/** State that is asked for late: in the middle of a record, long after the restore. */
import type { KeyGroupSnapshot } from "../keyed-snapshot.ts";
import { expect } from "vitest";
import { types } from "../../types/serializers.ts";
import { listState, mapState, reducingState, valueState } from "../state.ts";
import type { StateStore, StateTtl } from "../state.ts";
import { openBackend, restoreInto } from "./fixture.ts";
import type { Case, Factory } from "./fixture.ts";

const KEYS = ["a", "b", "c"];
const ttl: StateTtl = { ttlMs: 1_000 };
const plain = valueState("plain", types.long);
const timed = valueState("timed", types.long, ttl);
const list = listState("list", types.long, ttl);
const map = mapState("map", types.string, types.long);
const sum = reducingState("sum", types.long, (a, b) => a + b);

function fill(keyed: StateStore, n: number): void {
  keyed.getState(plain).update(n);
  keyed.getState(timed).update(n);
  keyed.getListState(list).addAll([n, n + 1]);
  keyed.getMapState(map).put("x", n);
  keyed.getReducingState(sum).add(n);
}

const read = (keyed: StateStore): unknown[] => [
  keyed.getState(plain).value(),
  keyed.getState(timed).value(),
  keyed.getListState(list).get(),
  keyed.getMapState(map).entries(),
  keyed.getReducingState(sum).get(),
];

function filledSnapshot(factory: Factory): readonly KeyGroupSnapshot[] {
  const { keyed, at, take } = openBackend(factory());
  for (const [n, key] of KEYS.entries()) {
    at(key);
    fill(keyed, n);
  }
  return take();
}

export function lazyCases(check: Case, factory: Factory): void {
  check("[C51] state asked for under a key finds what was restored for that key", () => {
    const back = restoreInto(factory(), filledSnapshot(factory));
    for (const [n, key] of KEYS.entries()) {
      back.at(key);
      expect(read(back.keyed)).toEqual([n, n, [n, n + 1], [["x", n]], n]);
    }
    back.at("new");
    expect(read(back.keyed)).toEqual([undefined, undefined, [], [], undefined]);
  });

  check("[C51] state asked for while snapshots are pending is in each as it was", () => {
    const groups = filledSnapshot(factory);
    const { keyed, at, take } = restoreInto(factory(), groups);
    const first = keyed.snapshot();
    at("b");
    fill(keyed, 10);
    const changed = take();
    const second = keyed.snapshot();
    at("b");
    fill(keyed, 20);
    keyed.getMapState(map).clear();
    at("new");
    keyed.getState(valueState("brand-new", types.string)).update("x");
    expect(second.write()).toEqual(changed);
    expect(first.write()).toEqual(groups);
    expect(take()).not.toEqual(changed);
  });

  check("[C51] state first declared while a snapshot is pending is not in it", () => {
    const { keyed, at, take } = openBackend(factory());
    const pending = keyed.snapshot();
    at("a");
    fill(keyed, 1);
    expect(pending.write()).toEqual([]);
    expect(take()).not.toEqual([]);
  });
}
