import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DecodeError } from "../core/bytes.ts";
import { asOperatorUid } from "../core/ids.ts";
import { types } from "../types/serializers.ts";
import type { OperatorSnapshot, OperatorStateSnapshot } from "./operator-snapshot.ts";
import { OperatorStateBackend } from "./operator-state-backend.ts";
import { redistribute } from "./redistribution.ts";
import { listState, mapState } from "./state.ts";

const UID = asOperatorUid("op");
const WORDS = listState("words", types.string);
const RULES = mapState("rules", types.string, types.long);
const BOXES = listState("boxes", types.record({ size: types.long }));

const snapshotOf = (operatorState: readonly OperatorStateSnapshot[]): OperatorSnapshot => ({
  uid: UID,
  keyed: [],
  timers: [],
  operatorState,
});
const fresh = (): OperatorStateBackend => new OperatorStateBackend(UID, []);
const restoredFrom = (states: readonly OperatorStateSnapshot[]): OperatorStateBackend =>
  new OperatorStateBackend(UID, [snapshotOf(states)]);

describe("lists", () => {
  test("hold what was added, and what was put in their place", () => {
    const list = fresh().getListState(WORDS);
    expect(list.get()).toEqual([]);
    list.add("a");
    list.addAll(["b", "c"]);
    expect(list.get()).toEqual(["a", "b", "c"]);
    list.update(["d"]);
    expect(list.get()).toEqual(["d"]);
    list.clear();
    expect(list.get()).toEqual([]);
  });

  test("what was handed out does not change under its reader", () => {
    const list = fresh().getListState(WORDS);
    list.add("a");
    const given = list.get();
    list.add("b");
    const mine = ["c"];
    list.update(mine);
    mine.push("d");
    expect([given, list.get()]).toEqual([["a"], ["c"]]);
  });

  test("[OL2] [C62] are restored as they were, and stored as they were restored", () => {
    const before = fresh();
    before.getListState(WORDS).addAll(["a", "b"]);
    const after = restoredFrom(before.snapshot());
    expect(after.getListState(WORDS).get()).toEqual(["a", "b"]);
    expect(after.snapshot()).toEqual(before.snapshot());
  });
});

describe("union lists", () => {
  /** Three subtasks that wrote "a", "b" and "c", and were restored. */
  const restoredUnion = (): OperatorStateBackend[] => {
    const stored = ["a", "b", "c"].map((word) => {
      const backend = fresh();
      backend.getUnionListState(WORDS).add(word);
      return backend.snapshot();
    });
    return stored.map((_, i) => restoredFrom(redistribute(stored, i, stored.length)));
  };
  const storedWords = (backends: readonly OperatorStateBackend[]): string[] => {
    const stored = backends.map((backend) => backend.snapshot());
    const [all] = redistribute(stored, 0, 1);
    return [...restoredFrom([all!]).getUnionListState(WORDS).get()];
  };

  test("[C60] show every subtask the elements of all", () => {
    const seen = restoredUnion().map((backend) => backend.getUnionListState(WORDS).get());
    expect(seen).toEqual([
      ["a", "b", "c"],
      ["a", "b", "c"],
      ["a", "b", "c"],
    ]);
  });

  test("[OL2] [C62] do not multiply when nobody writes, be they read or not", () => {
    const [first, ...others] = restoredUnion();
    first!.getUnionListState(WORDS).get();
    expect(storedWords([first!, ...others])).toEqual(["a", "b", "c"]);
  });

  test("[C62] [A23] do not multiply when a subtask adds to what it was restored with", () => {
    const backends = restoredUnion();
    backends[1]!.getUnionListState(WORDS).add("d");
    expect(backends[1]!.getUnionListState(WORDS).get()).toEqual(["b", "d"]);
    expect(storedWords(backends)).toEqual(["a", "b", "d", "c"]);
  });

  test("[C62] hold what a subtask writes back as its own", () => {
    const backends = restoredUnion();
    backends.forEach((backend, i) => {
      const union = backend.getUnionListState(WORDS);
      union.update(union.get().filter((_, at) => (at + 1) % 3 === i));
    });
    expect(storedWords(backends)).toEqual(["c", "a", "b"]);
  });

  test("are empty once cleared, by everyone", () => {
    const backends = restoredUnion();
    for (const backend of backends) backend.getUnionListState(WORDS).clear();
    expect(storedWords(backends)).toEqual([]);
  });
});

describe("broadcast state", () => {
  test("is a map in order of the keys' bytes, also after a restore", () => {
    const before = fresh();
    const rules = before.getBroadcastState(RULES);
    rules.put("bb", 2);
    rules.put("c", 3);
    rules.put("a", 0);
    rules.put("a", 1);
    const entries = [
      ["a", 1],
      ["c", 3],
      ["bb", 2],
    ];
    expect(rules.entries()).toEqual(entries);
    const after = restoredFrom(before.snapshot()).getBroadcastState(RULES);
    expect(after.entries()).toEqual(entries);
    expect([after.get("c"), after.has("c"), after.get("d"), after.has("d")]).toEqual([
      ...[3, true],
      ...[undefined, false],
    ]);
    after.remove("c");
    expect(after.entries()).toEqual([entries[0], entries[2]]);
    after.clear();
    expect(after.entries()).toEqual([]);
  });

  test("[C61] two copies are never put together", () => {
    const stored = [["a"], ["b"]].map((keys) => {
      const backend = fresh();
      for (const key of keys) backend.getBroadcastState(RULES).put(key, 1);
      return backend.snapshot();
    });
    const keysAt = (subtask: number, parallelism: number) =>
      restoredFrom(redistribute(stored, subtask, parallelism))
        .getBroadcastState(RULES)
        .entries()
        .map(([key]) => key);
    expect([keysAt(0, 1), keysAt(0, 3), keysAt(1, 3), keysAt(2, 3)]).toEqual([
      ...[["a"], ["a"]],
      ...[["b"], ["a"]],
    ]);
  });

  test("keys are told apart by their bytes, not by who they are", () => {
    const byRecord = mapState("rules", types.record({ id: types.long }), types.long);
    const rules = fresh().getBroadcastState(byRecord);
    rules.put({ id: 1 }, 5);
    rules.put({ id: 1 }, 6);
    expect([rules.get({ id: 1 }), rules.entries().length]).toEqual([6, 1]);
  });

  test("while it must not be written, every attempt says so and changes nothing", () => {
    const backend = fresh();
    const rules = backend.getBroadcastState(RULES);
    rules.put("a", 1);
    backend.broadcastWritable = false;
    for (const write of [() => rules.put("a", 2), () => rules.remove("a"), () => rules.clear()]) {
      expect(write).toThrow(/on broadcast state "rules" outside processBroadcast/);
    }
    backend.broadcastWritable = true;
    expect(rules.entries()).toEqual([["a", 1]]);
  });
});

describe("snapshots", () => {
  test("[C63] do not follow changes, in-place ones included", () => {
    const backend = fresh();
    const box = { size: 1 };
    backend.getListState(BOXES).add(box);
    const snapshot = backend.snapshot();
    box.size = 2;
    backend.getListState(BOXES).add({ size: 3 });
    expect(restoredFrom(snapshot).getListState(BOXES).get()).toEqual([{ size: 1 }]);
  });

  test("[OL1] [C51] pass on what nobody has asked for", () => {
    const before = fresh();
    before.getListState(WORDS).add("a");
    before.getBroadcastState(RULES).put("b", 1);
    before.getUnionListState(listState("all", types.long)).add(7);
    const after = restoredFrom(before.snapshot());
    expect(after.snapshot()).toEqual(before.snapshot());
    after.getListState(WORDS).add("c");
    expect(restoredFrom(after.snapshot()).getBroadcastState(RULES).get("b")).toBe(1);
  });

  test("[OL3] equal state gives equal bytes, whatever order it was made in", () => {
    const pairs = fc.uniqueArray(fc.tuple(fc.string(), fc.nat()), { selector: ([key]) => key });
    const property = fc.property(
      pairs,
      fc.array(fc.string()),
      fc.boolean(),
      (rules, words, turn) => {
        const make = (order: readonly (readonly [string, number])[], listFirst: boolean) => {
          const backend = fresh();
          if (listFirst) backend.getListState(WORDS);
          for (const [key, value] of order) backend.getBroadcastState(RULES).put(key, value);
          backend.getBroadcastState(RULES);
          backend.getListState(WORDS).addAll(words);
          return backend.snapshot();
        };
        const one = make(rules, turn);
        expect(make([...rules].reverse(), !turn)).toEqual(one);
        expect(one.map(({ name }) => name)).toEqual(["rules", "words"]);
      },
    );
    fc.assert(property, { seed: 64, numRuns: 100 });
  });
});

describe("names", () => {
  test("one name is one state, however often it is asked for", () => {
    const backend = fresh();
    backend.getListState(WORDS).add("a");
    expect(backend.getListState(listState("words", types.string)).get()).toEqual(["a"]);
    const { ...again } = RULES;
    expect(backend.getBroadcastState(again)).toBe(backend.getBroadcastState(RULES));
  });

  test.each([
    ["another mode", (b: OperatorStateBackend) => b.getUnionListState(WORDS), "union string"],
    [
      "another type",
      (b: OperatorStateBackend) => b.getListState(listState("words", types.long)),
      "split long",
    ],
    [
      "another kind",
      (b: OperatorStateBackend) => b.getBroadcastState({ ...RULES, name: "words" }),
      "broadcast map<string,long>",
    ],
  ])("twice with %s is refused", (_, declare, declared) => {
    const backend = fresh();
    backend.getListState(WORDS);
    expect(() => declare(backend)).toThrow(
      `operator "op": state "words" is declared twice, as split string and as ${declared}; ` +
        "give one of them another name",
    );
  });

  test("[C50] stored in another mode or type it is refused, and stays what it was", () => {
    const before = fresh();
    before.getListState(WORDS).add("a");
    const after = restoredFrom(before.snapshot());
    expect(() => after.getUnionListState(WORDS)).toThrow(
      'operator "op": state "words" was stored as split, but is declared as union string; ' +
        "declare it as it was stored, give the new state another name, or start without the " +
        "checkpoint",
    );
    expect(() => after.getListState(listState("words", types.long))).toThrow(
      "was stored as string, but is declared as long",
    );
    expect(after.getListState(WORDS).get()).toEqual(["a"]);
  });

  test("stored in two modes by two subtasks it is refused", () => {
    const states = (["split", "union"] as const).map((mode) => ({
      ...{ name: "words", mode },
      elements: [],
    }));
    expect(() => restoredFrom(states)).toThrow(
      'state "words" was stored as split by one subtask and as union by another',
    );
  });

  test("a time to live is refused: operator state has none", () => {
    expect(() => fresh().getListState(listState("words", types.string, { ttlMs: 1 }))).toThrow(
      /state "words" is declared with a time to live/,
    );
  });
});

test("[C52] bytes that are not of the type are refused, to their very end", () => {
  const before = fresh();
  before.getListState(WORDS).add("a");
  const [state] = before.snapshot();
  const element = state!.elements[0]!;
  for (const wrong of [element.slice(0, -1), Uint8Array.from([...element, 0])]) {
    const damaged = restoredFrom([{ ...state!, elements: [wrong] }]);
    expect(() => damaged.getListState(WORDS)).toThrow(DecodeError);
  }
});
