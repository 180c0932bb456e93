import fc from "fast-check";
import { expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import { TestHost } from "../host/testing.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import { types } from "../types/serializers.ts";
import { checkReduce } from "./check-reduce.ts";
import type { ReduceFunction } from "./functions.ts";
import { ReduceOperator } from "./reduce-operator.ts";
import { RecordingOutput, stored, testContext } from "./testing.ts";

type Row = { key: string; n: number; last: string };

const rowType = types.record({ key: types.string, n: types.int, last: types.string });

const sum: ReduceFunction<Row> = (left, right) => ({ ...right, n: left.n + right.n });
/** Against the rules, and it must do no harm. */
const sumInPlace: ReduceFunction<Row> = (left, right) => {
  left.n += right.n;
  left.last = right.last;
  return left;
};

function openReduce(reduce: ReduceFunction<Row>, state: readonly OperatorSnapshot[] = []) {
  const output = new RecordingOutput();
  const operator = new ReduceOperator<string, Row>(
    { key: (row) => row.key, keyType: types.string, reduce, type: rowType },
    output,
  );
  operator.open(testContext(new TestHost(), { restored: state.length > 0 }), state);
  const pending = () => operator.snapshot(asCheckpointId(1), () => undefined);
  const take = (key: string, n: number, last: string, timestampMs: number): string => {
    operator.processElement({ key, n, last }, timestampMs);
    return output.take().join(", ");
  };
  return { operator, pending, take };
}

const said = (key: string, n: number, last: string, timestampMs: number): string =>
  `${JSON.stringify({ key, n, last })}@${timestampMs}`;

test("a record comes out as the fold of all of its key so far, under its own time", () => {
  const { take } = openReduce(sum);
  expect(take("a", 1, "x", 5)).toBe(said("a", 1, "x", 5));
  expect(take("b", 7, "y", 6)).toBe(said("b", 7, "y", 6));
  expect(take("a", 2, "z", 3)).toBe(said("a", 3, "z", 3));
});

test.each([
  ["makes a new record", sum],
  ["changes the old one in place", sumInPlace],
])("[C63] a snapshot holds what was folded by then, if the function %s", (_, reduce) => {
  const { take, pending } = openReduce(reduce);
  take("a", 1, "x", 1);
  take("a", 2, "y", 2);
  const before = pending();
  take("a", 4, "z", 3);
  const restored = openReduce(reduce, [stored(before)]);
  expect(restored.take("a", 10, "w", 4)).toBe(said("a", 13, "w", 4));
});

test("an error of the function names the operator and the record", () => {
  const { take } = openReduce(() => {
    throw new Error("oops");
  });
  take("a", 1, "x", 1);
  expect(() => take("a", 2, "y", 1)).toThrow(
    'operator "op" failed on record {key: "a", n: 2, last: "y"}: Error: oops',
  );
});

test("whatever is restored in between, the last fold of a key is the sum of all", () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ max: 9 })) },
    { weight: 1, arbitrary: fc.constant("restore" as const) },
  );
  const property = fc.property(fc.boolean(), fc.array(step), (inPlace, steps) => {
    const reduce = inPlace ? sumInPlace : sum;
    let opened = openReduce(reduce);
    const sums = new Map<string, number>();
    for (const one of steps) {
      if (one === "restore") {
        opened = openReduce(reduce, [stored(opened.pending())]);
        continue;
      }
      const [key, n] = [one[0], one[1] % 1_000];
      const total = (sums.get(key) ?? 0) + n;
      sums.set(key, total);
      expect(opened.take(key, n, "x", 1)).toBe(said(key, total, "x", 1));
    }
  });
  fc.assert(property, { seed: 72, numRuns: 100 });
});

test("a reduction without a function is told when the job is built", () => {
  expect(checkReduce("r", sum as ReduceFunction<unknown>)).toEqual([]);
  expect(checkReduce("r", undefined as never)).toEqual([
    "r: reduce is undefined; give a function of two records",
  ]);
});
