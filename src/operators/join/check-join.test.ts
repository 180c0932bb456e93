import { expect, test } from "vitest";
import { types } from "../../types/serializers.ts";
import type { TypeSerializer } from "../../types/type.ts";
import { outputTag } from "../output-tag.ts";
import { checkIntervalJoin, checkJoin } from "./check-join.ts";
import type { IntervalJoinSpec, JoinSpec } from "./join-spec.ts";

const [text, int] = [types.string, types.int] as unknown as TypeSerializer<unknown>[];

const interval = (parts: Partial<IntervalJoinSpec>): string[] =>
  checkIntervalJoin("j", {
    ...{ lowerMs: -5, upperMs: 5, lowerExclusive: false, upperExclusive: false },
    types: [text!, int!],
    join: () => undefined,
    ...parts,
  });

test("an interval join of sound bounds is fine", () => {
  expect(interval({})).toEqual([]);
  expect(interval({ lowerMs: 3, upperMs: 3 })).toEqual([]);
  expect(interval({ lowerMs: -(2 ** 50), upperMs: 2 ** 50 })).toEqual([]);
  expect(interval({ lowerMs: 0, upperMs: 2, lowerExclusive: true, upperExclusive: true })).toEqual(
    [],
  );
});

test("bounds that are no whole milliseconds are told, each by its name", () => {
  const rule = "give whole milliseconds from -1125899906842624 to 1125899906842624";
  expect(interval({ lowerMs: 0.5, upperMs: Infinity })).toEqual([
    `j: lowerMs is 0.5; ${rule}`,
    `j: upperMs is Infinity; ${rule}`,
  ]);
});

test("an interval that holds no time would find nothing", () => {
  const rule = "so no pair would ever be found; lower the one or raise the other";
  expect(interval({ lowerMs: 5, upperMs: -5 })).toEqual([
    `j: no time lies between lowerMs 5 and upperMs -5, ${rule}`,
  ]);
  expect(interval({ lowerMs: 5, upperMs: 5, upperExclusive: true })).toEqual([
    `j: no time lies between lowerMs 5 and upperMs 5 (exclusive), ${rule}`,
  ]);
  expect(interval({ lowerMs: 5, upperMs: 6, lowerExclusive: true, upperExclusive: true })).toEqual([
    `j: no time lies between lowerMs 5 (exclusive) and upperMs 6 (exclusive), ${rule}`,
  ]);
});

test("late outputs may share an id only if they share a type", () => {
  const [lateLeft, lateRight] = [outputTag("late", text!), outputTag("late", int!)];
  expect(interval({ lateLeft, lateRight: lateLeft })).toEqual([]);
  expect(interval({ lateLeft })).toEqual([]);
  expect(interval({ lateLeft, lateRight })).toEqual([
    'j: lateLeft and lateRight are both called "late", but carry string and int; ' +
      "give one of them another id",
  ]);
});

test("a join needs a kind there is, and functions that are functions", () => {
  const spec: JoinSpec = { kind: "full", types: [text!, int!] };
  expect(checkJoin("j", spec)).toEqual([]);
  expect(checkJoin("j", { ...spec, kind: "outer" as never, on: 1 as never })).toEqual([
    'j: kind is outer; give "inner", "left", "right" or "full"',
    "j: on is 1; give a function of a left and a right row",
  ]);
  expect(interval({ join: undefined as never })).toEqual([
    "j: join is undefined; give a function of a left and a right row",
  ]);
});
