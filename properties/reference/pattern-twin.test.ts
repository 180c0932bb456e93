import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TestHost } from "../../src/host/testing.ts";
import { PatternOperator } from "../../src/operators/pattern/pattern-operator.ts";
import { RecordingOutput, stored, testContext } from "../../src/operators/testing.ts";
import {
  asCheckpointId,
  outputTag,
  types,
  type PatternSpec,
  type PatternStage,
  type SkipStrategy,
} from "../../src/index.ts";
import { createPatternTwin } from "./pattern-twin.ts";
import type { TwinContext } from "./twin.ts";

/** Records are "key" and "letter", as in "ka"; a watermark is a number. */
type Arrival = Readonly<{ record: string; timeMs: number } | { watermarkMs: number }>;
type Spec = PatternSpec<string, string>;

const show = (match: ReadonlyMap<string, readonly string[]>): string =>
  [...match].map(([stage, taken]) => `${stage}=${taken.join("")}`).join(" ");

const specOf = (
  stages: readonly PatternStage<string>[],
  skip: SkipStrategy = { kind: "no-skip" },
  withinMs?: number,
): Spec => ({
  stages,
  skip,
  withinMs,
  select: (match, out) => out.collect(show(match)),
  timedOut: withinMs === undefined ? undefined : outputTag("late", types.list(types.string)),
  type: types.string,
});

const keyOf = (value: string): string => value[0]!;

/** @param restartAt the operator is replaced by one restored from its snapshot before this arrival */
function operatorLines(spec: Spec, arrivals: readonly Arrival[], restartAt?: number): string[] {
  const output = new RecordingOutput();
  const config = { key: keyOf, keyType: types.string, spec };
  let operator = new PatternOperator<string, string, string>(config, output);
  operator.open(testContext(new TestHost()), []);
  arrivals.forEach((arrival, i) => {
    if (i === restartAt) {
      const state = stored(operator.snapshot(asCheckpointId(1), () => undefined));
      operator = new PatternOperator(config, output);
      operator.open(testContext(new TestHost(), { restored: true }), [state]);
    }
    if ("record" in arrival) operator.processElement(arrival.record, arrival.timeMs);
    else operator.processWatermark(arrival.watermarkMs);
  });
  return output.take().filter((line) => !line.startsWith("~"));
}

function twinLines(spec: Spec, arrivals: readonly Arrival[]): string[] {
  const output = new RecordingOutput();
  let watermarkMs = Number.NEGATIVE_INFINITY;
  const logic = { kind: "pattern", key: keyOf, keyType: types.string, spec };
  const context = {
    clocks: { watermarkMs: () => watermarkMs, processingTimeMs: () => 0 },
    emit: (value: unknown, timeMs: number) => output.emit(value, timeMs),
    emitSide: (id: string, value: unknown, timeMs: number) =>
      output.emitSide(outputTag(id, types.generic()), value, timeMs),
  };
  const twin = createPatternTwin(
    logic as unknown as Parameters<typeof createPatternTwin>[0],
    context as unknown as TwinContext,
  );
  for (const arrival of arrivals) {
    if ("record" in arrival) {
      twin.receive(0, arrival.record, arrival.timeMs);
      continue;
    }
    watermarkMs = arrival.watermarkMs;
    twin.advance?.(watermarkMs);
  }
  return output.take();
}

const stageArbitrary = fc.record({
  contiguity: fc.constantFrom("next" as const, "followed-by" as const, "followed-by-any" as const),
  letters: fc.constantFrom("a", "b", "ab", "abc", "c", "bc"),
  /** Of records in the match so far: the stage takes no more once there are as many. */
  beforeMax: fc.constantFrom(9, 9, 9, 2),
  times: fc.constantFrom(
    { min: 1, max: 1 },
    { min: 1, max: 1 },
    { min: 2, max: 2 },
    { min: 1, max: 3 },
    { min: 0, max: 1 },
    { min: 0, max: 2 },
    { min: 1, max: Number.POSITIVE_INFINITY },
  ),
});
const stagesArbitrary = fc
  .array(stageArbitrary, { minLength: 1, maxLength: 3 })
  .filter((stages) => stages.some(({ times }) => times.min > 0))
  .map((stages) =>
    stages.map(({ contiguity, letters, beforeMax, times }, i): PatternStage<string> => ({
      name: `s${i}`,
      contiguity,
      times,
      where: (value, before) =>
        letters.includes(value[1]!) && [...before.values()].flat().length < beforeMax,
    })),
  );
const skipArbitrary = (stages: readonly PatternStage<string>[]): fc.Arbitrary<SkipStrategy> => {
  const stage = fc.constantFrom(...stages.map(({ name }) => name));
  return fc.oneof(
    fc.constantFrom<SkipStrategy>({ kind: "no-skip" }, { kind: "to-next" }, { kind: "past-last" }),
    fc.record({ kind: fc.constantFrom("to-first" as const, "to-last" as const), stage }),
  );
};
const specArbitrary: fc.Arbitrary<Spec> = stagesArbitrary.chain((stages) =>
  fc
    .tuple(skipArbitrary(stages), fc.constantFrom(undefined, undefined, 2, 5))
    .map(([skip, withinMs]) => specOf(stages, skip, withinMs)),
);

/** Two keys, a few letters, times that collide; sorted out of order within 3 ms, watermarks between. */
const arrivalsArbitrary: fc.Arbitrary<readonly Arrival[]> = fc
  .array(
    fc.record({
      key: fc.constantFrom("k", "k", "l"),
      letter: fc.constantFrom("a", "b", "c"),
      stepMs: fc.integer({ min: 0, max: 2 }),
      delayMs: fc.integer({ min: 0, max: 3 }),
      watermark: fc.boolean(),
    }),
    { maxLength: 9 },
  )
  .map((drawn) => {
    let nowMs = 0;
    const records = drawn.map(({ key, letter, stepMs, delayMs, watermark }) => {
      nowMs += stepMs;
      return { record: key + letter, timeMs: nowMs, seenMs: nowMs + delayMs, watermark };
    });
    records.sort((a, b) => a.seenMs - b.seenMs);
    const arrivals: Arrival[] = [];
    let watermarkMs = Number.NEGATIVE_INFINITY;
    for (const { record, timeMs, seenMs, watermark } of records) {
      arrivals.push({ record, timeMs });
      if (!watermark || seenMs - 4 <= watermarkMs) continue;
      watermarkMs = seenMs - 4;
      arrivals.push({ watermarkMs });
    }
    return [...arrivals, { watermarkMs: Number.POSITIVE_INFINITY }];
  });

describe("operator and twin agree", () => {
  test("[PN1] [PN2] on all contiguities, repetitions, bounds in time and skip strategies", () => {
    let matches = 0;
    let timedOut = 0;
    const property = fc.property(specArbitrary, arrivalsArbitrary, (spec, arrivals) => {
      const lines = operatorLines(spec, arrivals);
      for (const line of lines) {
        if (line.startsWith("late!")) timedOut++;
        else matches++;
      }
      expect(lines).toEqual(twinLines(spec, arrivals));
    });
    fc.assert(property, { seed: 71, numRuns: 3_000 });
    expect([matches > 1_000, timedOut > 1_000]).toEqual([true, true]);
  });

  test("[C53] [C74] wherever the operator is replaced by one restored from its snapshot", () => {
    const property = fc.property(
      specArbitrary,
      arrivalsArbitrary,
      fc.nat({ max: 15 }),
      (spec, arrivals, restartAt) => {
        expect(operatorLines(spec, arrivals, restartAt)).toEqual(operatorLines(spec, arrivals));
      },
    );
    fc.assert(property, { seed: 72, numRuns: 1_000 });
  });

  test("[PO1] whatever order the records of a key come in", () => {
    const property = fc.property(
      specArbitrary,
      arrivalsArbitrary.chain((arrivals) => {
        const records = arrivals.filter((arrival) => "record" in arrival);
        return fc.tuple(
          fc.constant(records),
          fc.shuffledSubarray(records, { minLength: records.length }),
        );
      }),
      (spec, [records, shuffled]) => {
        const end = { watermarkMs: Number.POSITIVE_INFINITY };
        expect(operatorLines(spec, [...shuffled, end])).toEqual(
          operatorLines(spec, [...records, end]),
        );
      },
    );
    fc.assert(property, { seed: 73, numRuns: 500 });
  });
});

test("the twin drops what is late, as the operator does", () => {
  const spec = specOf([
    { name: "s", contiguity: "next", where: () => true, times: { min: 1, max: 1 } },
  ]);
  const arrivals = [
    { watermarkMs: 5 },
    { record: "ka", timeMs: 5 },
    { record: "kb", timeMs: 6 },
    { watermarkMs: 6 },
  ];
  expect(twinLines(spec, arrivals)).toEqual(["s=kb@6"]);
  expect(operatorLines(spec, arrivals)).toEqual(["s=kb@6"]);
});
