import fc from "fast-check";
import { expect, test } from "vitest";
import {
  mapState,
  type KeyedProcessFunction,
  type LogicalGraph,
  type MapState,
} from "../../src/index.ts";
import type { Input } from "../../sim/history.ts";
import { referenceOutput } from "../reference/reference.ts";
import { integer, jobOf, sinkOf, sourceOf } from "../testing.ts";
import { inputArbitrary } from "./input.ts";

const OUT_OF_ORDER_MS_MAX = 700;
const WINDOW_MS = 1_000;

const inputs = inputArbitrary({
  topics: { a: fc.nat({ max: 9 }), b: fc.nat({ max: 9 }) },
  partitions: 3,
  recordsMax: 12,
  outOfOrderMsMax: OUT_OF_ORDER_MS_MAX,
});
const everyRecord = (input: Input) => [...input.values()].flat(2);

test("records come in order of arrival, and no later than the bound allows", () => {
  fc.assert(
    fc.property(inputs, (input) => {
      for (const records of [...input.values()].flat()) {
        let newestMs = 0;
        let availableAtMs = 0;
        for (const record of records) {
          expect(record.timestampMs).toBeGreaterThanOrEqual(newestMs - OUT_OF_ORDER_MS_MAX);
          expect(record.availableAtMs).toBeGreaterThanOrEqual(availableAtMs);
          newestMs = Math.max(newestMs, record.timestampMs);
          availableAtMs = record.availableAtMs;
        }
      }
    }),
    { seed: 31, numRuns: 100 },
  );
});

/** Counts records of one value per window; forgets a record that comes behind the watermark. */
function countInTime(): KeyedProcessFunction<unknown, unknown, unknown> {
  let counts: MapState<number, number>;
  return {
    open(context) {
      counts = context.getMapState(mapState("counts", integer, integer));
    },
    processElement(_value, { timestampMs, timers }) {
      const end = timestampMs - (timestampMs % WINDOW_MS) + WINDOW_MS - 1;
      if (end <= timers.currentWatermark()) return;
      counts.put(end, (counts.get(end) ?? 0) + 1);
      timers.registerEventTimeTimer(end);
    },
    onEventTimeTimer(end, { key }, out) {
      out.collect(`${String(key)}@${end}: ${counts.get(end)}`);
      counts.remove(end);
    },
  };
}

const windows: LogicalGraph = jobOf([
  sourceOf("a", OUT_OF_ORDER_MS_MAX),
  sourceOf("b", OUT_OF_ORDER_MS_MAX),
  {
    logic: { kind: "keyed-process", keyType: integer, key: (v) => v, create: countInTime },
    from: [0, 1],
  },
  sinkOf("out", 2),
]);

test("[C125] on such input the reference counts every record, in the window it belongs to", () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const counted = new Map<string, number>();
      for (const { value, timestampMs } of everyRecord(input)) {
        const end = Math.floor(timestampMs / WINDOW_MS) * WINDOW_MS + WINDOW_MS - 1;
        const window = `${String(value)}@${end}`;
        counted.set(window, (counted.get(window) ?? 0) + 1);
      }
      const expected = [...counted].map(([window, count]) => `${window}: ${count}`);
      expect([...(referenceOutput(windows, input).get("out") ?? [])].sort()).toEqual(
        expected.sort(),
      );
    }),
    { seed: 32, numRuns: 200 },
  );
});

test("a failure that needs one record shrinks to that record", () => {
  const needs = fc.property(inputs, (input) =>
    everyRecord(input).every(({ value }) => (value as number) < 5),
  );
  const { counterexample } = fc.check(needs, { seed: 33, numRuns: 100 });
  expect(everyRecord(counterexample![0])).toEqual([{ value: 5, timestampMs: 0, availableAtMs: 0 }]);
});
