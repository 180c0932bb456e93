import { describe, expect, test } from "vitest";
import { types } from "../types/serializers.ts";
import { byName, latest, openBackend, recent, total } from "./contract/fixture.ts";
import { memoryBackend } from "./memory/memory-backend.ts";
import { StateIncompatibleError } from "./state-backend.ts";
import { aggregatingState, mapState, reducingState, valueState } from "./state.ts";
import { listStates, readKeyedState } from "./state-reader.ts";
import type { AnyStateDescriptor } from "./state-reader.ts";

const ttl = { ttlMs: 50, cleanup: { fullSnapshot: false } };
const timed = mapState("timed", types.string, types.long, ttl);
const sum = reducingState("sum", types.long, (a, b) => a + b);
const seen = aggregatingState("seen", types.list(types.string), {
  createAccumulator: () => [] as string[],
  add: (value: string, all) => [...all, value],
  result: (all) => all.length,
});
const states = [total, latest, recent, byName, timed, sum, seen];
const KEYS = ["a", "b", "c", "d"];

function filled() {
  const { keyed, at, take, clock } = openBackend(memoryBackend());
  for (const [n, key] of KEYS.entries()) {
    at(key);
    keyed.getState(total).update(n);
    keyed.getState(latest).update({ n });
    keyed.getListState(recent).addAll([n, n + 1]);
    keyed.getMapState(byName).put("y", { n });
    keyed.getMapState(byName).put("x", { n: n + 1 });
    keyed.getMapState(timed).put("t", n);
    keyed.getReducingState(sum).add(n);
    keyed.getAggregatingState(seen).add(key);
  }
  clock.ms += 1_000;
  return take();
}

describe("state reader", () => {
  test("[SR1] reads state of every kind, by key group, state and key; expired state as well", () => {
    const entries = readKeyedState(filled(), { keyType: types.string, states });
    const held = new Map(KEYS.map((key) => [key, new Map<string, unknown>()]));
    for (const { key, state, value } of entries) held.get(key)!.set(state, value);
    for (const [n, key] of KEYS.entries()) {
      expect(Object.fromEntries(held.get(key)!)).toEqual({
        total: n,
        latest: { n },
        recent: [n, n + 1],
        "by-name": [
          ["x", { n: n + 1 }],
          ["y", { n }],
        ],
        timed: [["t", n]],
        sum: n,
        seen: [key],
      });
    }
    const order = entries.map(({ keyGroup }) => keyGroup);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    const again = readKeyedState([...filled()].reverse(), { keyType: types.string, states });
    expect(again).toEqual(entries);
  });

  test("[SR1] reads what was written as an earlier type, and passes over what nobody asked for", () => {
    const wider = valueState("total", types.double);
    const entries = readKeyedState(filled(), { keyType: types.string, states: [wider] });
    expect(entries.map(({ key, value }) => `${key}=${String(value)}`).sort()).toEqual([
      "a=0",
      "b=1",
      "c=2",
      "d=3",
    ]);
  });

  test("lists states by name, with their types, entries and bytes by key group", () => {
    const groups = filled();
    const listed = listStates(groups);
    expect(listed.map(({ name, kind, types: ids, entries }) => [name, kind, ids, entries])).toEqual(
      [
        ["by-name", "map", ["string", "record{n:long}"], 4],
        ["latest", "value", ["record{n:long}"], 4],
        ["recent", "list", ["long"], 4],
        ["seen", "aggregating", ["list<string>"], 4],
        ["sum", "reducing", ["long"], 4],
        ["timed", "map", ["string", "ttl{long}"], 4],
        ["total", "value", ["long"], 4],
      ],
    );
    for (const { bytes } of listed)
      expect([...bytes.keys()]).toEqual(groups.map((g) => g.keyGroup));
    // Per key: its length, "a" with its length, the payload's length, one byte of zigzag.
    const perKey = 5;
    const ofTotal = listed.find(({ name }) => name === "total")!.bytes;
    expect([...ofTotal.values()].reduce((sum, size) => sum + size, 0)).toBe(4 * perKey);
  });

  test("types that do not fit are refused, and nothing is misread", () => {
    const read = (state: AnyStateDescriptor): unknown =>
      readKeyedState(filled(), { keyType: types.string, states: [state] });
    expect(() => read(valueState("total", types.string))).toThrow(StateIncompatibleError);
    expect(() => read(valueState("total", types.long, ttl))).toThrow(/cannot gain a ttl/);
    expect(() => readKeyedState(filled(), { keyType: types.long, states })).toThrow(
      /keys of type string, but is read with keys of type long/,
    );
  });
});
