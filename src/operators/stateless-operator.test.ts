import { describe, expect, test } from "vitest";
import { InvariantError } from "../core/assert.ts";
import { asCheckpointId, asOperatorUid } from "../core/ids.ts";
import { TestHost } from "../host/testing.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import { FilterOperator } from "./filter-operator.ts";
import { FlatMapOperator } from "./flat-map-operator.ts";
import { MapOperator } from "./map-operator.ts";
import { RecordingOutput, stored, testContext } from "./testing.ts";
import { abbreviate, UserFunctionError } from "./user-function-error.ts";

test("map, filter and flat-map keep timestamps and pass watermarks on", () => {
  const output = new RecordingOutput();
  const map = new MapOperator((text: string) => text.toUpperCase(), output);
  const filter = new FilterOperator((text: string) => text !== "no", output);
  const flatMap = new FlatMapOperator<string, string>(
    (text, out) => text.split(" ").forEach((word) => out.collect(word)),
    output,
  );
  map.processElement("a", 1);
  map.processWatermark(2);
  expect(output.take()).toEqual(["A@1", "~2"]);
  filter.processElement("no", 3);
  filter.processElement("yes", 4);
  expect(output.take()).toEqual(["yes@4"]);
  flatMap.processElement("x y", 5);
  flatMap.processElement("z", 6);
  expect(output.take()).toEqual(["x@5", "y@5", "z@6"]);
});

test("nothing to keep is nothing in a snapshot, and confirmed at once", () => {
  const map = new MapOperator((value: number) => value, new RecordingOutput());
  const answers: string[] = [];
  map.open(testContext(new TestHost()), []);
  const pending = map.snapshot(asCheckpointId(1), ({ ok }) => answers.push(`snapshot ${ok}`));
  map.checkpointCompleted(asCheckpointId(1), () => answers.push("settled"));
  expect(stored(pending)).toMatchObject({ keyed: [], timers: [], operatorState: [] });
  expect(answers).toEqual(["snapshot true", "settled"]);
});

test("[C50] state that nobody would read is refused", () => {
  const map = new MapOperator((value: number) => value, new RecordingOutput());
  const empty: OperatorSnapshot = {
    uid: asOperatorUid("op"),
    keyed: [],
    timers: [],
    operatorState: [],
  };
  map.open(testContext(new TestHost()), [empty]);
  const full = {
    ...empty,
    operatorState: [{ name: "list", mode: "split", elements: [] }],
  } as const;
  expect(() => map.open(testContext(new TestHost()), [full])).toThrow(
    'operator "op" keeps no state',
  );
});

describe("errors of user functions", () => {
  const explode = (): never => {
    throw new TypeError("no such field");
  };

  test("name the operator and the record, and keep their cause", () => {
    const map = new MapOperator(explode, new RecordingOutput());
    map.open(testContext(new TestHost()), []);
    let caught: unknown;
    try {
      map.processElement({ word: "whale", count: 3 }, 0);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(UserFunctionError);
    expect(caught).toMatchObject({
      uid: "op",
      message: 'operator "op" failed on record {word: "whale", count: 3}: TypeError: no such field',
      cause: new TypeError("no such field"),
    });
  });

  test("are those of the operator that threw, not of the one that feeds it", () => {
    const tail = new MapOperator(explode, new RecordingOutput());
    tail.open(testContext(new TestHost(), { uid: asOperatorUid("tail") }), []);
    const head = new FlatMapOperator<string, string>((value, out) => out.collect(value), {
      emit: (value, timestampMs) => tail.processElement(value, timestampMs),
      emitSide: () => undefined,
      emitWatermark: () => undefined,
      emitStatus: () => undefined,
    });
    head.open(testContext(new TestHost(), { uid: asOperatorUid("head") }), []);
    expect(() => head.processElement("a", 0)).toThrow(/^operator "tail" failed on record "a"/);
  });

  test("do not swallow an assertion of ours", () => {
    const flatMap = new FlatMapOperator<number, number>(() => {
      throw new InvariantError("ours");
    }, new RecordingOutput());
    expect(() => flatMap.processElement(1, 0)).toThrow(InvariantError);
  });

  test.each([
    ["x".repeat(200), `"${"x".repeat(76)}...`],
    [[1, 2, 3, 4, 5, 6], "[1, 2, 3, 4, 5, ...]"],
    [{ a: { b: { c: { d: 1 } } } }, "{a: {b: {c: ...}}}"],
    [new Uint8Array(9), "9 bytes"],
    [() => 1, "a function"],
    [null, "null"],
    [undefined, "undefined"],
    [10n, "10"],
  ])("abbreviate %#", (value, text) => {
    expect(abbreviate(value)).toBe(text);
  });

  test("a cycle has an end", () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(abbreviate(cycle)).toBe("{self: {self: {self: ...}}}");
  });
});
