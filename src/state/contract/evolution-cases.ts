/** State whose type has changed since it was stored: read as the new one, and written as it. */
import type { KeyGroupSnapshot } from "../keyed-snapshot.ts";
import { expect } from "vitest";
import { types } from "../../types/serializers.ts";
import type { TypeSerializer } from "../../types/type.ts";
import { decodeKeyGroup } from "../key-group-format.ts";
import { listState, mapState, reducingState, valueState } from "../state.ts";
import type { StateTtl } from "../state.ts";
import { StateIncompatibleError } from "../state-backend.ts";
import { GROUPS, openBackend, restoreInto } from "./fixture.ts";
import type { Case, Factory } from "./fixture.ts";

const KEYS = ["a", "b", "c", "d", "e"];
const TTL: StateTtl = { ttlMs: 1_000 };

/** Three generations of one type: a field comes, then one is widened and another goes. */
const FIRST = types.record({ n: types.int, note: types.string });
const SECOND = types.record({
  n: types.int,
  note: types.string,
  tag: types.optional(types.string),
});
const THIRD = types.record({ tag: types.optional(types.string), n: types.long });
type Any = Record<string, unknown>;

/** The same states over any generation. */
function statesOver(type: TypeSerializer<unknown>) {
  const of = type as TypeSerializer<Any>;
  return {
    value: valueState("value", of),
    timed: valueState("timed", of, TTL),
    list: listState("list", of),
    map: mapState("map", types.string, of, TTL),
    last: reducingState("last", of, (_, b) => b),
  };
}

function handles(opened: ReturnType<typeof openBackend>, type: TypeSerializer<unknown>) {
  const { keyed } = opened;
  const of = statesOver(type);
  return {
    ...opened,
    value: keyed.getState(of.value),
    timed: keyed.getState(of.timed),
    list: keyed.getListState(of.list),
    map: keyed.getMapState(of.map),
    last: keyed.getReducingState(of.last),
  };
}
type Handles = ReturnType<typeof handles>;

function store({ value, timed, list, map, last }: Handles, held: () => Any): void {
  value.update(held());
  timed.update(held());
  list.update([held(), held()]);
  map.put("x", held());
  last.add(held());
}

const read = ({ value, timed, list, map, last }: Handles): unknown[] => [
  value.value(),
  timed.value(),
  ...list.get(),
  map.get("x"),
  last.get(),
];

/** Under every key: what all five states say of a value. */
function expectAll(opened: Handles, expected: (n: number) => Any): void {
  for (const [n, key] of KEYS.entries()) {
    opened.at(key);
    expect(read(opened)).toEqual(Array.from({ length: 6 }, () => expected(n)));
  }
}

/** Every type id that stands in a snapshot. */
const idsOf = (groups: readonly KeyGroupSnapshot[]): Set<string> =>
  new Set(
    groups.flatMap(({ bytes }) =>
      decodeKeyGroup(bytes).sections.map(({ header }) => header.types.at(-1)!),
    ),
  );

function firstGeneration(factory: Factory): readonly KeyGroupSnapshot[] {
  const opened = handles(openBackend(factory()), FIRST);
  for (const [n, key] of KEYS.entries()) {
    opened.at(key);
    store(opened, () => ({ n, note: "x" }));
  }
  return opened.take();
}

export function evolutionCases(check: Case, factory: Factory): void {
  check("[SC1] [A47] three generations of a type, through real snapshots", () => {
    const first = firstGeneration(factory);
    const second = handles(restoreInto(factory(), first), SECOND);
    expectAll(second, (n) => ({ n, note: "x", tag: undefined }));
    second.at("a");
    store(second, () => ({ n: 0, note: "x", tag: "new" }));
    const stored = second.take();
    expect(idsOf(stored)).toEqual(new Set([SECOND.id, `ttl{${SECOND.id}}`]));
    const third = handles(restoreInto(factory(), stored), THIRD);
    expectAll(third, (n) => ({ n, tag: n === 0 ? "new" : undefined }));
    expect(idsOf(third.take())).toEqual(new Set([THIRD.id, `ttl{${THIRD.id}}`]));
    expectAll(handles(restoreInto(factory(), third.take()), THIRD), (n) => ({
      n,
      tag: n === 0 ? "new" : undefined,
    }));
    expectAll(handles(restoreInto(factory(), first), THIRD), (n) => ({ n, tag: undefined }));
  });

  check("[SC1] [SB2] migrated state has the bytes of state that never was anything else", () => {
    const migrated = handles(restoreInto(factory(), firstGeneration(factory)), SECOND);
    const native = handles(openBackend(factory()), SECOND);
    for (const [n, key] of KEYS.entries()) {
      native.at(key);
      store(native, () => ({ n, note: "x", tag: undefined }));
    }
    expect(migrated.take()).toEqual(native.take());
  });

  check("[C51] [A47] asked for in one half only, both types stand in one checkpoint", () => {
    const first = firstGeneration(factory);
    const asked = restoreInto(factory(), first, { first: 0, last: 3 });
    handles(asked, SECOND);
    const silent = restoreInto(factory(), first, { first: 4, last: GROUPS - 1 });
    const parts = [...asked.take(), ...silent.take()];
    expect(idsOf(parts).size).toBe(4);
    const whole = handles(restoreInto(factory(), parts), SECOND);
    expectAll(whole, (n) => ({ n, note: "x", tag: undefined }));
    expect(idsOf(whole.take()).size).toBe(2);
  });

  check("[A47] handles there before the restore migrate what it brings", () => {
    const early = handles(openBackend(factory()), SECOND);
    for (const group of firstGeneration(factory)) early.keyed.restore(group);
    expectAll(early, (n) => ({ n, note: "x", tag: undefined }));
  });

  check("a snapshot pending while state is migrated holds what was restored", () => {
    const { keyed, at } = restoreInto(factory(), firstGeneration(factory));
    const pending = keyed.snapshot();
    at("a");
    keyed.getState(statesOver(SECOND).value).update({ n: 99, note: "late", tag: "late" });
    const back = handles(restoreInto(factory(), pending.write()), SECOND);
    expectAll(back, (n) => ({ n, note: "x", tag: undefined }));
  });
}

export function refusalCases(check: Case, factory: Factory): void {
  check("a change of type that would lose values is refused, with the place and what to do", () => {
    const narrow = types.record({ n: types.int, note: types.long });
    const { keyed } = restoreInto(factory(), firstGeneration(factory));
    const asked = (): unknown => keyed.getState(statesOver(narrow).value);
    expect(asked).toThrow(StateIncompatibleError);
    expect(asked).toThrow(/"value" was stored as .*note:string.*note:long.*start without/);
    const early = openBackend(factory());
    early.keyed.getListState(statesOver(narrow).list);
    expect(() => firstGeneration(factory).forEach((g) => early.keyed.restore(g))).toThrow(
      /"list" was stored as/,
    );
  });

  check("the keys of a map keep their type, though it could be read", () => {
    const opened = openBackend(factory());
    opened.at("a");
    opened.keyed.getMapState(mapState("map", types.int, types.long)).put(1, 1);
    const { keyed } = restoreInto(factory(), opened.take());
    expect(() => keyed.getMapState(mapState("map", types.long, types.long))).toThrow(
      /map<int, long>.*map<long, long>: the keys of a map keep their type/,
    );
  });

  check("[C93] state neither gains nor loses a ttl", () => {
    const { keyed } = restoreInto(factory(), firstGeneration(factory));
    const gain = valueState("value", FIRST, TTL);
    expect(() => keyed.getState(gain)).toThrow(StateIncompatibleError);
    expect(() => keyed.getState(gain)).toThrow(
      /value<record.*value<ttl\{record.*cannot gain a ttl/,
    );
    expect(() => keyed.getState(valueState("timed", FIRST))).toThrow(/cannot lose a ttl/);
    expect(() => keyed.getMapState(mapState("map", types.string, FIRST))).toThrow(
      /cannot lose a ttl/,
    );
  });
}
