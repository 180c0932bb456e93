import { expect, test } from "vitest";
import { types } from "../../types/serializers.ts";
import { outputTag } from "../output-tag.ts";
import { checkPattern, type PatternSpec } from "./pattern-spec.ts";
import { pattern } from "./pattern.ts";

const yes = (): boolean => true;
const sound: PatternSpec = {
  stages: pattern.begin("a", yes).times(1, 3).next("b", yes).oneOrMore().stages,
  withinMs: 10,
  skip: { kind: "to-last", stage: "b" },
  select: () => undefined,
  timedOut: outputTag("late", types.generic()),
  type: types.generic(),
};
const problemsWith = (change: Partial<PatternSpec>): string[] =>
  checkPattern('operator "op"', { ...sound, ...change });

test("a sound pattern has no problems", () => {
  expect(problemsWith({})).toEqual([]);
  expect(problemsWith({ withinMs: undefined, timedOut: undefined })).toEqual([]);
});

test("a pattern needs stages, one of which takes a record", () => {
  expect(problemsWith({ stages: [] })).toEqual([
    'operator "op": its pattern has no stages; start with pattern.begin("name", (value) => ...)',
  ]);
  const skip = { kind: "no-skip" } as const;
  expect(problemsWith({ skip, stages: pattern.begin("a", yes).optional().stages })).toEqual([
    'operator "op": every stage of its pattern may be left out; give one a min of 1',
  ]);
});

test("names are there and differ", () => {
  expect(problemsWith({ stages: pattern.begin("b", yes).next("b", yes).stages })).toEqual([
    'operator "op": two stages are named "b"; give each its own name',
  ]);
  expect(problemsWith({ stages: pattern.begin("", yes).next("b", yes).stages })).toEqual([
    'operator "op": a stage of its pattern has no name; give it one',
  ]);
});

test.each([
  [3, 2],
  [-1, 2],
  [0, 0],
  [1.5, 2],
  [1, Number.NaN],
  [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
])("a stage cannot take %d to %d records", (min, max) => {
  const stages = pattern.begin("a", yes).next("b", yes).times(min, max).stages;
  expect(problemsWith({ stages })).toEqual([
    `operator "op": stage "b": takes ${min} to ${max} records; give integers, min from 0 up and ` +
      "max from 1 up, min not above max (max may be Infinity)",
  ]);
});

test("contiguity is one of three", () => {
  const [a, b] = sound.stages;
  const stages = [a!, { ...b!, contiguity: "strict" }] as unknown as PatternSpec["stages"];
  expect(problemsWith({ stages })).toEqual([
    'operator "op": stage "b": contiguity is "strict"; give next or followed-by or followed-by-any',
  ]);
});

test("a skip strategy names a stage that is there", () => {
  expect(problemsWith({ skip: { kind: "to-first", stage: "z" } })).toEqual([
    'operator "op": skips to-first of stage "z", which it does not have; name one of: a, b',
  ]);
});

test("the bound in time is a positive integer, and what times out needs one", () => {
  for (const withinMs of [0, -1, 1.5, Number.NaN]) {
    expect(problemsWith({ withinMs })).toEqual([
      `operator "op": withinMs is ${withinMs}; give an integer from 1 up, or leave it out`,
    ]);
  }
  expect(problemsWith({ withinMs: undefined })).toEqual([
    'operator "op": nothing ever reaches timedOut without withinMs; give both or neither',
  ]);
});

test("builders share beginnings without changing them", () => {
  const begin = pattern.begin("a", yes);
  const strict = begin.next("b", yes).times(2, 3);
  const loose = begin.times(0, 4).followedByAny("c", yes).optional();
  const shapes = [begin, strict, loose].map(({ stages }) =>
    stages.map(({ name, contiguity, times }) => `${name} ${contiguity} ${times.min}-${times.max}`),
  );
  expect(shapes).toEqual([
    ["a followed-by 1-1"],
    ["a followed-by 1-1", "b next 2-3"],
    ["a followed-by 0-4", "c followed-by-any 0-1"],
  ]);
});
