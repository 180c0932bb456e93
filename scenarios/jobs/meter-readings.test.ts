/** What the meters used, worked out by hand, and found by the oracle. */
import { expect, test } from "vitest";
import { referenceOutput } from "../../properties/index.ts";
import type { InputRecord } from "../../sim/history.ts";
import {
  meterReadings,
  OUT_OF_ORDER_MS_MAX,
  READINGS_TOPIC,
  type Signal,
} from "./meter-readings.ts";

const SENT_AFTER_MS = 3_600_000;

const sent = (value: Signal, ms: number): InputRecord => ({
  value,
  timestampMs: ms + SENT_AFTER_MS,
  availableAtMs: ms,
});
const reading = (meter: string, measuredAtMs: number, watts: number, ms = measuredAtMs) =>
  sent({ kind: "reading", meter, measuredAtMs, watts }, ms);

const usage = (...partitions: readonly (readonly InputRecord[])[]): readonly unknown[] =>
  referenceOutput(meterReadings(2), new Map([[READINGS_TOPIC, partitions]])).get("usage") ?? [];

test("readings count for the second in which they were measured, whenever they were sent", () => {
  const rows = usage(
    [
      reading("a", 10, 1),
      sent({ kind: "alive" }, 900),
      reading("a", 999, 2, 1_000 + OUT_OF_ORDER_MS_MAX - 1),
      reading("a", 1_200, 4),
    ],
    [reading("b", 500, 8), reading("a", 1_300, 16)],
  );
  expect(rows).toEqual([
    { name: "a", endMs: 999, sum: 3 },
    { name: "b", endMs: 999, sum: 8 },
    { name: "a", endMs: 1_999, sum: 20 },
  ]);
});

test("a reading that was sent too late for its second is left out", () => {
  const late = reading("a", 100, 1, 1_300);
  expect(usage([reading("a", 1_000 + OUT_OF_ORDER_MS_MAX, 2), late], [])).toEqual([
    { name: "a", endMs: 1_999, sum: 2 },
  ]);
});
