/**
 * Input for fast-check: topics of partitions of records in time, shrinking to fewer and simpler ones.
 *
 * No record is older than its partition's newest by more than `outOfOrderMsMax`, so a source whose
 * watermarks allow for that much finds none of them late. Records become visible in order of offset.
 */
import fc from "fast-check";
import type { Input, InputRecord } from "../../sim/history.ts";

export type InputBase = Readonly<{
  /** Topic to what its records may be. */
  topics: Readonly<Record<string, fc.Arbitrary<unknown>>>;
  partitions: number;
  /** Per partition. */
  recordsMax: number;
  outOfOrderMsMax: number;
}>;

const STEP_MS_MAX = 500;
const WAIT_MS_MAX = 200;

type Draw = Readonly<{ value: unknown; stepMs: number; lagMs: number; waitMs: number }>;

export function inputArbitrary(base: InputBase): fc.Arbitrary<Input> {
  const topics = Object.entries(base.topics).map(([topic, values]) =>
    fc
      .array(partitionArbitrary(values, base), {
        minLength: base.partitions,
        maxLength: base.partitions,
      })
      .map((partitions): [string, readonly (readonly InputRecord[])[]] => [topic, partitions]),
  );
  return fc.tuple(...topics).map((entries) => new Map(entries));
}

function partitionArbitrary(
  values: fc.Arbitrary<unknown>,
  { recordsMax, outOfOrderMsMax }: InputBase,
): fc.Arbitrary<readonly InputRecord[]> {
  const draw = fc.record({
    value: values,
    stepMs: fc.nat({ max: STEP_MS_MAX }),
    lagMs: fc.nat({ max: outOfOrderMsMax }),
    waitMs: fc.nat({ max: WAIT_MS_MAX }),
  });
  return fc.array(draw, { maxLength: recordsMax }).map(recordsOf);
}

/** Event time goes on by steps that each record may lag behind; arrival goes on by waits. */
function recordsOf(draws: readonly Draw[]): readonly InputRecord[] {
  let newestMs = 0;
  let availableAtMs = 0;
  return draws.map(({ value, stepMs, lagMs, waitMs }) => {
    newestMs += stepMs;
    availableAtMs += waitMs;
    return { value, timestampMs: Math.max(0, newestMs - lagMs), availableAtMs };
  });
}
