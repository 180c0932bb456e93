/**
 * Random operations on state that expires, under a clock that moves, against plain lists of what was
 * touched when: reads give what the model says is alive, and a snapshot gives what was alive when it
 * was taken, however much later it is written, and whatever is touched or cleaned up meanwhile.
 *
 * The model never removes anything; it only asks how old things are. So whatever a backend removes too
 * early shows, and what it removes late does not.
 */
import type { KeyGroupSnapshot } from "../keyed-snapshot.ts";
import * as fc from "fast-check";
import { expect } from "vitest";
import { types } from "../../types/serializers.ts";
import { aggregatingState, listState, mapState, reducingState, valueState } from "../state.ts";
import type { StateTtl } from "../state.ts";
import type { PendingSnapshot } from "../state-backend.ts";
import { counter, restoreInto, WHOLE } from "./fixture.ts";
import type { Case, Clock, Counter, Factory } from "./fixture.ts";

const TTL_MS = 50;
const KEYS = ["a", "b", "key-1"];
const MAP_KEYS = ["x", "y", ""];

type Cell<T> = { value: T; touchedMs: number };
type Held = {
  value?: Cell<Counter>;
  sum?: Cell<number>;
  latest?: Cell<Counter>;
  list: Cell<number>[];
  map: Map<string, Cell<Counter>>;
};
type Model = Map<string, Held>;

const KINDS = [
  "value.update",
  "value.change",
  "value.clear",
  "list.add",
  "list.update",
  "map.put",
  "map.get",
  "map.remove",
  "sum.add",
  "latest.add",
  "read",
  "read",
  "wait",
  "wait",
  "wait",
  "snapshot",
  "snapshot",
  "write",
  "restart",
] as const;
type Step = Readonly<{ kind: (typeof KINDS)[number]; key: string; mapKey: string; n: number }>;

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS),
  key: fc.constantFrom(...KEYS),
  mapKey: fc.constantFrom(...MAP_KEYS),
  n: fc.nat({ max: 60 }),
});

/** Never one that shows what has run out: that depends on when it is cleaned up. */
const ttls: fc.Arbitrary<StateTtl> = fc.record({
  ttlMs: fc.constant(TTL_MS),
  update: fc.constantFrom("on-create-and-write" as const, "on-read-and-write" as const),
  cleanup: fc.record({
    fullSnapshot: fc.boolean(),
    incrementalEntries: fc.constantFrom(0, 1, 4),
  }),
});

function open(factory: Factory, ttl: StateTtl, groups: readonly KeyGroupSnapshot[], clock: Clock) {
  const opened = restoreInto(factory(), groups, WHOLE, clock);
  const { keyed } = opened;
  return {
    ...opened,
    value: keyed.getState(valueState("value", counter, ttl)),
    list: keyed.getListState(listState("list", types.long, ttl)),
    map: keyed.getMapState(mapState("map", types.string, counter, ttl)),
    sum: keyed.getReducingState(reducingState("sum", types.long, (a, b) => a + b, ttl)),
    latest: keyed.getAggregatingState(
      aggregatingState<number, Counter, number>(
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
    ),
  };
}
type States = ReturnType<typeof open>;

function heldBy(model: Model, key: string): Held {
  const held = model.get(key) ?? { list: [], map: new Map<string, Cell<Counter>>() };
  model.set(key, held);
  return held;
}

/** The plain side: what is alive, and what a read makes younger. */
class Plain {
  readonly #clock: Clock;
  readonly #touchOnRead: boolean;

  constructor(clock: Clock, ttl: StateTtl) {
    this.#clock = clock;
    this.#touchOnRead = ttl.update === "on-read-and-write";
  }

  cell<T>(value: T): Cell<T> {
    return { value, touchedMs: this.#clock.ms };
  }

  alive<T>(cell: Cell<T> | undefined): Cell<T> | undefined {
    return cell !== undefined && this.#clock.ms < cell.touchedMs + TTL_MS ? cell : undefined;
  }

  read<T>(cell: Cell<T> | undefined): T | undefined {
    const alive = this.alive(cell);
    if (alive !== undefined && this.#touchOnRead) alive.touchedMs = this.#clock.ms;
    return alive?.value;
  }
}

function change(states: States, held: Held, plain: Plain, { kind, mapKey, n }: Step): void {
  switch (kind) {
    case "value.update":
      states.value.update({ n });
      held.value = plain.cell({ n });
      return;
    case "value.change": {
      const [one, other] = [states.value.value(), plain.read(held.value)];
      expect(one).toEqual(other);
      if (one !== undefined) one.n = n;
      if (other !== undefined) other.n = n;
      return;
    }
    case "value.clear":
      states.value.clear();
      delete held.value;
      return;
    case "list.add":
      states.list.addAll([n, n + 1]);
      held.list.push(plain.cell(n), plain.cell(n + 1));
      return;
    case "list.update":
      held.list = Array.from({ length: n % 3 }, () => plain.cell(n));
      states.list.update(held.list.map(({ value }) => value));
      return;
    case "sum.add":
      states.sum.add(n);
      held.sum = plain.cell((plain.alive(held.sum)?.value ?? 0) + n);
      return;
    case "latest.add":
      states.latest.add(n);
      held.latest = plain.cell({ n: (plain.alive(held.latest)?.value.n ?? 0) + n });
      return;
    default:
      changeMap(states, held, plain, kind, mapKey, n);
  }
}

function changeMap(
  states: States,
  held: Held,
  plain: Plain,
  kind: Step["kind"],
  mapKey: string,
  n: number,
): void {
  switch (kind) {
    case "map.put":
      states.map.put(mapKey, { n });
      held.map.set(mapKey, plain.cell({ n }));
      return;
    case "map.get":
      expect(states.map.get(mapKey)).toEqual(plain.read(held.map.get(mapKey)));
      return;
    case "map.remove":
      states.map.remove(mapKey);
      held.map.delete(mapKey);
      return;
    default:
      expectHolds(states, held, plain);
  }
}

/** The key in hand, read in every way. */
function expectHolds(states: States, held: Held, plain: Plain): void {
  const alive = [...held.map]
    .filter(([, cell]) => plain.alive(cell) !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  expect(states.map.isEmpty()).toBe(alive.length === 0);
  for (const mapKey of MAP_KEYS) {
    const there = plain.read(held.map.get(mapKey)) !== undefined;
    expect(states.map.has(mapKey)).toBe(there);
  }
  expect(states.map.entries()).toEqual(alive.map(([key, { value }]) => [key, value]));
  expect(states.value.value()).toEqual(plain.read(held.value));
  expect(states.sum.get()).toEqual(plain.read(held.sum));
  expect(states.latest.get()).toEqual(plain.read(held.latest)?.n);
  const list = held.list.filter((cell) => plain.alive(cell) !== undefined);
  expect(states.list.get()).toEqual(list.map((cell) => plain.read(cell)));
}

function expectSnapshot(
  factory: Factory,
  ttl: StateTtl,
  groups: readonly KeyGroupSnapshot[],
  { model, takenMs }: Taken,
): void {
  const clock = { ms: takenMs };
  const plain = new Plain(clock, ttl);
  const back = open(factory, ttl, groups, clock);
  // Restored and taken again at once, it is the same.
  expect(back.take()).toEqual(groups);
  for (const key of KEYS) {
    back.at(key);
    expectHolds(back, heldBy(model, key), plain);
  }
}

type Taken = Readonly<{ model: Model; takenMs: number }>;
type Pending = Taken & Readonly<{ snapshot: PendingSnapshot }>;

function play(factory: Factory, ttl: StateTtl, steps: readonly Step[]): void {
  const clock: Clock = { ms: 1_000 };
  const plain = new Plain(clock, ttl);
  let states = open(factory, ttl, [], clock);
  let model: Model = new Map();
  let pending: Pending[] = [];
  for (const next of steps) {
    const chosen = pending[next.n % Math.max(1, pending.length)];
    switch (next.kind) {
      case "wait":
        clock.ms += next.n;
        break;
      case "snapshot": {
        const then = { model: structuredClone(model), takenMs: clock.ms };
        pending.push({ ...then, snapshot: states.keyed.snapshot() });
        break;
      }
      case "write":
        if (chosen === undefined) break;
        pending = pending.filter((other) => other !== chosen);
        expectSnapshot(factory, ttl, chosen.snapshot.write(), chosen);
        break;
      case "restart":
        if (chosen === undefined) break;
        pending = [];
        model = chosen.model;
        states = open(factory, ttl, chosen.snapshot.write(), clock);
        break;
      default:
        states.at(next.key);
        change(states, heldBy(model, next.key), plain, next);
    }
  }
  for (const then of pending) expectSnapshot(factory, ttl, then.snapshot.write(), then);
  for (const key of KEYS) {
    states.at(key);
    expectHolds(states, heldBy(model, key), plain);
  }
}

export function ttlModelCases(check: Case, factory: Factory): void {
  check("[TT1] [SB1] [C93] [C94] [C95] state that expires follows plain lists of touches", () => {
    const steps = fc.array(step, { size: "max", maxLength: 120 });
    const property = fc.property(ttls, steps, (ttl, all) => play(factory, ttl, all));
    fc.assert(property, { seed: 93, numRuns: 200 });
  });
}
