import { expect, test } from "vitest";
import {
  aggregatingState,
  listState,
  mapState,
  reducingState,
  valueState,
  type StateTtl,
} from "../../src/index.ts";
import { anything, integer, text } from "../testing.ts";
import { createKeyedState } from "./keyed-state.ts";

function store() {
  const current = { key: "a" };
  return { current, state: createKeyedState(() => current.key) };
}

test("every key has its own value, list and map", () => {
  const { current, state } = store();
  const value = state.getState(valueState("v", text));
  const list = state.getListState(listState("l", text));
  const map = state.getMapState(mapState("m", text, text));
  value.update("one");
  list.add("two");
  map.put("three", "four");
  current.key = "b";
  expect([value.value(), list.get(), map.entries()]).toEqual([undefined, [], []]);
  current.key = "a";
  expect([value.value(), list.get(), map.entries()]).toEqual(["one", ["two"], [["three", "four"]]]);
});

test("two handles of one name are one state; value, list and map of one name are three", () => {
  const { state } = store();
  state.getState(valueState("s", text)).update("x");
  expect(state.getState(valueState("s", text)).value()).toBe("x");
  expect(state.getListState(listState("s", text)).get()).toEqual([]);
});

test("a map iterates in order of its keys' bytes, and not of their arrival", () => {
  const { state } = store();
  const map = state.getMapState(mapState("m", integer, text));
  for (const key of [300, -1, 2, 0]) map.put(key, String(key));
  // Zigzag and LEB128: 0 is 00, -1 is 01, 2 is 04, 300 is d8 04.
  expect(map.entries().map(([key]) => key)).toEqual([0, -1, 2, 300]);
  map.remove(-1);
  expect([map.has(-1), map.get(300), map.isEmpty()]).toEqual([false, "300", false]);
  map.clear();
  expect(map.isEmpty()).toBe(true);
});

test("a list that was handed out does not change with later additions", () => {
  const { state } = store();
  const list = state.getListState(listState("l", text));
  list.addAll(["a", "b"]);
  const before = list.get();
  list.add("c");
  expect(before).toEqual(["a", "b"]);
  list.update(["z"]);
  expect(list.get()).toEqual(["z"]);
  list.update([]);
  expect(list.get()).toEqual([]);
});

test("a value changed in place counts as stored", () => {
  const { state } = store();
  const value = state.getState(valueState("v", anything));
  const counter = { count: 1 };
  value.update(counter);
  counter.count++;
  expect(value.value()).toEqual({ count: 2 });
  value.clear();
  expect(value.value()).toBeUndefined();
});

test("a reducing state folds values, an aggregating one folds them into an accumulator", () => {
  const { current, state } = store();
  const sum = state.getReducingState(reducingState("sum", integer, (a, b) => a + b));
  const average = state.getAggregatingState(
    aggregatingState("average", anything, {
      createAccumulator: () => [0, 0],
      add(value: number, accumulator) {
        const [total, count] = accumulator as [number, number];
        return [total + value, count + 1];
      },
      result(accumulator) {
        const [total, count] = accumulator as [number, number];
        return total / count;
      },
    }),
  );
  expect([sum.get(), average.get()]).toEqual([undefined, undefined]);
  for (const n of [1, 2, 6]) {
    sum.add(n);
    average.add(n);
  }
  expect([sum.get(), average.get()]).toEqual([9, 3]);
  current.key = "b";
  expect([sum.get(), average.get()]).toEqual([undefined, undefined]);
  current.key = "a";
  sum.clear();
  average.clear();
  expect([sum.get(), average.get()]).toEqual([undefined, undefined]);
});

function aging(ttl: StateTtl) {
  const clock = { ms: 1_000 };
  const state = createKeyedState(
    () => "a",
    () => clock.ms,
  );
  return {
    clock,
    value: state.getState(valueState("v", text, ttl)),
    list: state.getListState(listState("l", text, ttl)),
    map: state.getMapState(mapState("m", text, text, ttl)),
    sum: state.getReducingState(reducingState("s", integer, (a, b) => a + b, ttl)),
  };
}

test("[C93] what was not touched for its time to live has run out, entry by entry", () => {
  const { clock, value, list, map, sum } = aging({ ttlMs: 100 });
  value.update("x");
  list.add("old");
  map.put("old", "x");
  sum.add(1);
  clock.ms += 99;
  expect([value.value(), list.get(), map.has("old"), sum.get()]).toEqual(["x", ["old"], true, 1]);
  list.add("new");
  map.put("new", "y");
  clock.ms += 1;
  expect([value.value(), list.get(), sum.get()]).toEqual([undefined, ["new"], undefined]);
  expect([map.has("old"), map.get("old"), map.entries()]).toEqual([
    false,
    undefined,
    [["new", "y"]],
  ]);
  sum.add(5);
  expect(sum.get()).toBe(5);
  clock.ms += 99;
  expect([list.get(), map.isEmpty()]).toEqual([[], true]);
});

test("[C94] a read is a touch only where the state says so", () => {
  for (const update of ["on-create-and-write", "on-read-and-write"] as const) {
    const { clock, value, list, map } = aging({ ttlMs: 100, update });
    value.update("x");
    list.add("x");
    map.put("k", "x");
    clock.ms += 60;
    expect([value.value(), list.get(), map.entries().length]).toEqual(["x", ["x"], 1]);
    clock.ms += 60;
    const alive = update === "on-read-and-write";
    expect(value.value() !== undefined).toBe(alive);
    expect([list.get().length, map.has("k")]).toEqual([alive ? 1 : 0, alive]);
  }
});

test("[C94] where what has run out may be shown, the read that removes it shows it", () => {
  const visibility = "return-expired-if-not-cleaned-up" as const;
  const { clock, value, list, map, sum } = aging({ ttlMs: 100, visibility });
  value.update("x");
  list.add("x");
  map.put("k", "x");
  sum.add(1);
  clock.ms += 100;
  expect([value.value(), value.value()]).toEqual(["x", undefined]);
  expect([list.get(), list.get()]).toEqual([["x"], []]);
  expect([map.isEmpty(), map.has("k"), map.get("k"), map.has("k")]).toEqual([
    false,
    true,
    "x",
    false,
  ]);
  sum.add(5);
  expect(sum.get()).toBe(5);
});

test("state that expires needs a clock", () => {
  const { state } = store();
  expect(() => state.getState(valueState("v", text, { ttlMs: 1 }))).toThrow(/"v" expires/);
});
