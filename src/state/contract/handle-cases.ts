/** Handles and declarations: what a user function sees, whatever the backend does below. */
import { expect } from "vitest";
import type { KeyGroup } from "../../core/ids.ts";
import { createKeyCodec } from "../../types/keys.ts";
import { types } from "../../types/serializers.ts";
import { keyGroupOf } from "../key-groups.ts";
import { listState, mapState, valueState } from "../state.ts";
import {
  byName,
  GROUPS,
  latest,
  openBackend,
  recent,
  restoreInto,
  total,
  WHOLE,
} from "./fixture.ts";
import type { Case, Factory } from "./fixture.ts";

const byKey = mapState("by-key", types.record({ id: types.long }), types.long);

export function handleCases(check: Case, factory: Factory): void {
  check("a handle works on the current key alone", () => {
    const { keyed, at } = openBackend(factory());
    const [value, list, map] = [
      keyed.getState(total),
      keyed.getListState(recent),
      keyed.getMapState(byName),
    ];
    at("a");
    value.update(1);
    list.addAll([1, 2]);
    map.put("x", { n: 1 });
    at("b");
    expect(keyed.currentKey()).toBe("b");
    expect([value.value(), list.get(), map.entries()]).toEqual([undefined, [], []]);
    value.update(2);
    at("a");
    value.update(value.value()! + 10);
    list.add(3);
    expect([value.value(), list.get(), map.get("x")]).toEqual([11, [1, 2, 3], { n: 1 }]);
    value.clear();
    list.clear();
    map.clear();
    expect([value.value(), list.get(), map.isEmpty()]).toEqual([undefined, [], true]);
    at("b");
    expect(value.value()).toBe(2);
  });

  check("a value changed in place counts as stored", () => {
    const { keyed, at, take } = openBackend(factory());
    const value = keyed.getState(latest);
    at("a");
    value.update({ n: 1 });
    value.value()!.n = 7;
    at("b");
    at("a");
    expect(value.value()).toEqual({ n: 7 });
    const back = restoreInto(factory(), take());
    const restored = back.keyed.getState(latest);
    back.at("a");
    expect(restored.value()).toEqual({ n: 7 });
  });

  check("a list that was handed out does not grow under its reader", () => {
    const { keyed, at } = openBackend(factory());
    const list = keyed.getListState(recent);
    at("a");
    list.addAll([1, 2]);
    const before = list.get();
    for (const element of before) list.add(element * 10);
    list.addAll(before);
    expect([before, list.get()]).toEqual([[1, 2], [1, 2, 10, 20, 1, 2]]); // prettier-ignore
    const source = [5];
    list.update(source);
    source.push(6);
    expect(list.get()).toEqual([5]);
    list.update([]);
    expect(list.get()).toEqual([]);
  });

  check("a map iterates in order of its keys' bytes, whatever came first", () => {
    const { keyed, at } = openBackend(factory());
    const map = keyed.getMapState(mapState("m", types.string, types.long));
    at("a");
    for (const [i, key] of ["b", "aa", "c", "a"].entries()) map.put(key, i);
    map.remove("c");
    map.put("b", 9);
    expect(map.entries()).toEqual([["a", 3], ["b", 9], ["aa", 1]]); // prettier-ignore
    expect([map.has("c"), map.has("a"), map.get("c")]).toEqual([false, true, undefined]);
    map.remove("nothing");
    map.put("c", 4);
    expect(map.entries().length).toBe(4);
    map.remove("a");
    expect(map.entries().map(([key]) => key)).toEqual(["b", "c", "aa"]);
    for (const [key] of map.entries()) map.remove(key);
    expect(map.isEmpty()).toBe(true);
  });
}

export function keyCases(check: Case, factory: Factory): void {
  check("keys are equal when their bytes are, and changing one in place moves nothing", () => {
    const keyType = types.record({ id: types.long });
    const keyed = factory().create({
      keyType,
      range: WHOLE,
      maxParallelism: GROUPS,
      nowMs: () => 0,
    });
    const home = (id: number): KeyGroup => keyGroupOf(createKeyCodec(keyType).hash({ id }), GROUPS);
    const [value, map] = [keyed.getState(total), keyed.getMapState(byKey)];
    const [key, mapKey] = [{ id: 1 }, { id: 7 }];
    keyed.setCurrentKey(key, home(1));
    value.update(11);
    map.put(mapKey, 70);
    key.id = 2;
    mapKey.id = 8;
    for (const [inner] of map.entries()) inner.id = 9;
    keyed.setCurrentKey({ id: 1 }, home(1));
    expect([value.value(), map.get({ id: 7 }), map.entries()]).toEqual([11, 70, [[{ id: 7 }, 70]]]);
    const back = factory().create({
      keyType,
      range: WHOLE,
      maxParallelism: GROUPS,
      nowMs: () => 0,
    });
    for (const group of keyed.snapshot().write()) back.restore(group);
    const [restored, inner] = [back.getState(total), back.getMapState(byKey)];
    back.setCurrentKey({ id: 2 }, home(2));
    expect(restored.value()).toBeUndefined();
    back.setCurrentKey({ id: 1 }, home(1));
    expect([restored.value(), inner.entries()]).toEqual([11, [[{ id: 7 }, 70]]]);
  });
}

export function declarationCases(check: Case, factory: Factory): void {
  check("a name asked for twice is one state", () => {
    const { keyed, at } = openBackend(factory());
    at("a");
    keyed.getState(total).update(5);
    expect(keyed.getState(valueState("total", types.long)).value()).toBe(5);
  });

  check("a name with another type is refused, and the error names both", () => {
    const { keyed } = openBackend(factory());
    keyed.getState(total);
    const again = (): unknown => keyed.getState(valueState("total", types.string));
    expect(again).toThrow(/"total" .*value<long>.*value<string>.*another name/);
    expect(() => keyed.getListState(listState("total", types.long))).toThrow(/list<long>/);
  });

  check("state before the first record has no key", () => {
    const { keyed } = openBackend(factory());
    expect(() => keyed.getState(total).value()).toThrow(/first record/);
    expect(() => keyed.currentKey()).toThrow(/first record/);
  });
}
