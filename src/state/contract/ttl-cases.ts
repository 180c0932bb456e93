/** State that expires: when, what counts as a touch, who may still see it, and what cleans it up. */
import type { KeyGroupSnapshot } from "../keyed-snapshot.ts";
import { expect } from "vitest";
import { types } from "../../types/serializers.ts";
import {
  aggregatingState,
  listState,
  mapState,
  reducingState,
  valueState,
  type StateTtl,
} from "../state.ts";
import { StateIncompatibleError } from "../state-backend.ts";
import { openBackend, restoreInto, WHOLE } from "./fixture.ts";
import type { Case, Clock, Factory } from "./fixture.ts";

const TTL_MS = 100;
const READ: Partial<StateTtl> = { update: "on-read-and-write" };
const SHOWN: Partial<StateTtl> = { visibility: "return-expired-if-not-cleaned-up" };
const KEPT: Partial<StateTtl> = { cleanup: { fullSnapshot: false } };

const counter = types.record({ n: types.long });
type Counter = { n: number };

function statesWith(options: Partial<StateTtl>) {
  const ttl: StateTtl = { ttlMs: TTL_MS, ...options };
  return {
    value: valueState("value", counter, ttl),
    list: listState("list", types.string, ttl),
    map: mapState("map", types.string, types.string, ttl),
    sum: reducingState("sum", types.long, (a, b) => a + b, ttl),
    latest: aggregatingState<number, Counter, number>(
      "latest",
      counter,
      {
        createAccumulator: () => ({ n: 0 }),
        add(value, accumulator) {
          accumulator.n += value;
          return accumulator;
        },
        result: ({ n }) => n,
      },
      ttl,
    ),
  };
}

function open(
  factory: Factory,
  options: Partial<StateTtl> = {},
  groups: readonly KeyGroupSnapshot[] = [],
  clock: Clock = { ms: 5_000 },
) {
  const opened = restoreInto(factory(), groups, WHOLE, clock);
  const { keyed } = opened;
  const of = statesWith(options);
  return {
    ...opened,
    value: keyed.getState(of.value),
    list: keyed.getListState(of.list),
    map: keyed.getMapState(of.map),
    sum: keyed.getReducingState(of.sum),
    latest: keyed.getAggregatingState(of.latest),
  };
}
type Opened = ReturnType<typeof open>;

function store({ value, list, map, sum, latest }: Opened): void {
  value.update({ n: 1 });
  list.add("a");
  map.put("k", "v");
  sum.add(1);
  latest.add(1);
}

/** One read of each state, isEmpty first: it alone leaves everything as it is. */
const read = ({ value, list, map, sum, latest }: Opened): unknown[] => [
  map.isEmpty(),
  value.value(),
  list.get(),
  map.entries(),
  sum.get(),
  latest.get(),
];
const ALIVE = [false, { n: 1 }, ["a"], [["k", "v"]], 1, 1];
const GONE = [true, undefined, [], [], undefined, undefined];

export function expiryCases(check: Case, factory: Factory): void {
  check("[TT1] [C93] state has run out when its last touch + ttl has come, and not before", () => {
    const opened = open(factory);
    opened.at("a");
    store(opened);
    opened.clock.ms += TTL_MS - 1;
    expect(read(opened)).toEqual(ALIVE);
    expect([opened.map.has("k"), opened.map.get("k")]).toEqual([true, "v"]);
    opened.clock.ms += 1;
    expect([opened.map.has("k"), opened.map.get("k")]).toEqual([false, undefined]);
    expect(read(opened)).toEqual(GONE);
  });

  check("[TT1] [C93] no time to live is too long, and no clock can be set back too far", () => {
    const { keyed, at, clock } = openBackend(factory());
    const forever = keyed.getState(
      valueState("forever", types.long, { ttlMs: Number.MAX_SAFE_INTEGER }),
    );
    const short = keyed.getState(valueState("short", types.long, { ttlMs: 1 }));
    at("a");
    forever.update(1);
    short.update(1);
    clock.ms -= 1_000_000;
    expect([forever.value(), short.value()]).toEqual([1, 1]);
    clock.ms = 2 ** 52;
    expect([forever.value(), short.value()]).toEqual([1, undefined]);
  });

  check("[C93] elements of a list and entries of a map run out one by one", () => {
    const { at, clock, list, map } = open(factory);
    at("a");
    list.addAll(["a", "b"]);
    map.put("x", "1");
    map.put("y", "1");
    clock.ms += 60;
    list.add("c");
    map.put("y", "2");
    clock.ms += 60;
    expect([list.get(), map.entries()]).toEqual([["c"], [["y", "2"]]]);
    expect([map.has("x"), map.isEmpty()]).toEqual([false, false]);
    clock.ms += 60;
    expect([list.get(), map.entries(), map.isEmpty()]).toEqual([[], [], true]);
    list.update(["d"]);
    expect(list.get()).toEqual(["d"]);
  });

  check("[C93] [A31] time goes on while the job is down", () => {
    const clock: Clock = { ms: 5_000 };
    const before = open(factory, {}, [], clock);
    before.at("a");
    store(before);
    clock.ms += 60;
    const groups = before.take();
    const soon = open(factory, {}, groups, clock);
    soon.at("a");
    expect(read(soon)).toEqual(ALIVE);
    clock.ms += 40;
    const late = open(factory, {}, groups, clock);
    late.at("a");
    expect(read(late)).toEqual(GONE);
  });

  check("nothing is folded into what has run out", () => {
    for (const options of [{}, SHOWN]) {
      const { at, clock, sum, latest } = open(factory, options);
      at("a");
      sum.add(1);
      latest.add(1);
      clock.ms += 60;
      sum.add(1);
      latest.add(1);
      clock.ms += 60;
      expect([sum.get(), latest.get()]).toEqual([2, 2]);
      clock.ms += 100;
      sum.add(5);
      latest.add(5);
      expect([sum.get(), latest.get()]).toEqual([5, 5]);
    }
  });
}

export function touchCases(check: Case, factory: Factory): void {
  check("[C94] a write is a touch; a read is one where the state says so", () => {
    for (const options of [{}, READ]) {
      const opened = open(factory, options);
      opened.at("a");
      store(opened);
      opened.clock.ms += 60;
      expect(read(opened)).toEqual(ALIVE);
      opened.clock.ms += 60;
      expect(read(opened)).toEqual(options === READ ? ALIVE : GONE);
    }
  });

  check("[C94] a read of one entry of a map touches no other; neither does isEmpty", () => {
    const { at, clock, map } = open(factory, READ);
    at("a");
    for (const key of ["get", "has", "none"]) map.put(key, "v");
    clock.ms += 60;
    map.get("get");
    map.has("has");
    map.isEmpty();
    clock.ms += 60;
    expect(map.entries().map(([key]) => key)).toEqual(["get", "has"]);
  });

  check("[C94] a change in place is stored, but is no touch", () => {
    const { at, clock, value } = open(factory);
    at("a");
    value.update({ n: 1 });
    clock.ms += 60;
    value.value()!.n = 7;
    clock.ms += 39;
    expect(value.value()).toEqual({ n: 7 });
    clock.ms += 1;
    expect(value.value()).toBeUndefined();
  });

  check("[C94] [SB1] touches after a snapshot do not show in it", () => {
    const opened = open(factory, READ);
    opened.at("a");
    store(opened);
    const before = opened.take();
    const pending = opened.keyed.snapshot();
    opened.clock.ms += 60;
    read(opened);
    opened.map.get("k");
    opened.map.has("k");
    expect(pending.write()).toEqual(before);
    expect(opened.take()).not.toEqual(before);
  });

  check("[C94] where what has run out may be seen, the read that removes it sees it", () => {
    const opened = open(factory, SHOWN);
    opened.at("a");
    store(opened);
    opened.clock.ms += TTL_MS;
    expect([opened.map.has("k"), opened.map.has("k")]).toEqual([true, true]);
    expect(read(opened)).toEqual(ALIVE);
    expect(read(opened)).toEqual(GONE);
    expect(opened.map.has("k")).toBe(false);
  });
}

export function cleanUpCases(check: Case, factory: Factory): void {
  check("[C95] [SB2] a full snapshot leaves out what had run out when it was taken", () => {
    const opened = open(factory);
    opened.at("a");
    store(opened);
    opened.list.update(["old"]);
    opened.at("b");
    opened.map.put("old", "v");
    opened.clock.ms += 60;
    opened.list.add("live");
    opened.map.put("live", "v");
    opened.at("a");
    opened.list.add("live");
    opened.clock.ms += 60;
    const pending = opened.keyed.snapshot();
    // The write comes so late that nothing is alive any more; the snapshot is of its own moment.
    opened.clock.ms += 1_000;
    const groups = pending.write();
    const fresh = open(factory, {}, [], { ms: 5_060 });
    fresh.at("a");
    fresh.list.add("live");
    fresh.at("b");
    fresh.list.add("live");
    fresh.map.put("live", "v");
    expect(groups).toEqual(fresh.take());
  });

  check("[C95] where a state says so, snapshots keep what has run out", () => {
    const options = { ...SHOWN, ...KEPT };
    const opened = open(factory, options);
    opened.at("a");
    store(opened);
    const before = opened.take();
    opened.clock.ms += TTL_MS;
    const groups = opened.take();
    expect(groups).toEqual(before);
    const back = open(factory, options, groups, opened.clock);
    back.at("a");
    expect(read(back)).toEqual(ALIVE);
  });

  check("[C95] clean-up in turn drops what has run out, of whatever key, and nothing else", () => {
    const swept: Partial<StateTtl> = { cleanup: { fullSnapshot: false, incrementalEntries: 3 } };
    const opened = open(factory, swept);
    const old = ["a", "b", "c", "d", "e", "f", "g"];
    for (const key of old) {
      opened.at(key);
      store(opened);
    }
    opened.clock.ms += 60;
    opened.at("live");
    store(opened);
    opened.at("b");
    opened.list.add("b");
    opened.map.put("b", "b");
    opened.clock.ms += 60;
    const pending = opened.keyed.snapshot();
    const before = opened.take();
    opened.at("live");
    for (let i = 0; i < 10; i++) expect(read(opened)).toEqual(ALIVE);
    const after = opened.take();
    expect(pending.write()).toEqual(before);
    const clean = open(factory, swept, [], { ms: 5_060 });
    clean.at("live");
    store(clean);
    clean.at("b");
    clean.list.add("b");
    clean.map.put("b", "b");
    expect(after).toEqual(clean.take());
  });

  check(
    "[C95] a map cleared half way through a round of clean-up does not take its heir along",
    () => {
      const swept: Partial<StateTtl> = { cleanup: { incrementalEntries: 1 } };
      const before = open(factory, swept);
      before.at("a");
      for (const key of ["p", "q", "r"]) before.map.put(key, "v");
      const { at, clock, map, keyed } = open(factory, swept, before.take(), before.clock);
      at("a");
      // Looks at the first entry; the others are still to come in this round.
      expect(map.get("p")).toBe("v");
      map.remove("p");
      const pending = keyed.snapshot();
      map.clear();
      clock.ms += TTL_MS;
      map.put("p", "new");
      for (let i = 0; i < 5; i++) expect(map.get("p")).toBe("new");
      before.map.remove("p");
      before.clock.ms -= TTL_MS;
      expect(pending.write()).toEqual(before.take());
    },
  );
}

export function ttlDeclarationCases(check: Case, factory: Factory): void {
  check("[DS1] one name with two times to live is refused, naming both", () => {
    const { keyed } = openBackend(factory());
    keyed.getState(valueState("v", types.long, { ttlMs: 5 }));
    expect(() => keyed.getState(valueState("v", types.long, { ttlMs: 5 }))).not.toThrow();
    for (const ttl of [{ ttlMs: 6 }, { ttlMs: 5, ...READ }, { ttlMs: 5, ...KEPT }]) {
      const again = (): unknown => keyed.getState(valueState("v", types.long, ttl));
      expect(again).toThrow(StateIncompatibleError);
      expect(again).toThrow(/"v" is declared twice.*a ttl of 5 ms.*a ttl of [56] ms.*another name/);
    }
    expect(() => keyed.getState(valueState("v", types.long))).toThrow(/value<ttl\{long\}>/);
  });

  check("a time to live that makes no sense is refused, with what to write instead", () => {
    const { keyed } = openBackend(factory());
    for (const ttlMs of [0, -5, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => keyed.getState(valueState("v", types.long, { ttlMs }))).toThrow(
        /state "v": `ttlMs` is .*; give a whole number of milliseconds, 1 or more/,
      );
    }
    const wrong = {
      ttlMs: 1,
      update: "always" as "on-read-and-write",
      visibility: "no" as "never-return-expired",
      cleanup: { incrementalEntries: -1 },
    };
    expect(() => keyed.getListState(listState("l", types.long, wrong))).toThrow(
      /`update` is "always"; .*; and .*`visibility` is "no"; .*; and .*incrementalEntries` is -1/,
    );
  });

  check("the time to live may be changed from run to run", () => {
    const clock: Clock = { ms: 5_000 };
    const before = open(factory, {}, [], clock);
    before.at("a");
    store(before);
    clock.ms += 60;
    const groups = before.take();
    const shorter = open(factory, { ttlMs: 60 }, groups, clock);
    shorter.at("a");
    expect(read(shorter)).toEqual(GONE);
    clock.ms += 500;
    const longer = open(factory, { ttlMs: 1_000 }, groups, clock);
    longer.at("a");
    expect(read(longer)).toEqual(ALIVE);
  });
}
