import { expect, test } from "vitest";
import { listState, mapState, valueState } from "../../src/index.ts";
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
