/** What is held while state is away, as transcripts of a keyed operator over state that comes when told. */
import { expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import { TestHost } from "../host/testing.ts";
import { memoryBackend } from "../state/memory/memory-backend.ts";
import type { StateBackend } from "../state/state-backend.ts";
import { types } from "../types/serializers.ts";
import { HoldingOperator } from "./holding-operator.ts";
import { KeyedBroadcastProcessOperator } from "./keyed-broadcast-process-operator.ts";
import { KeyedProcessOperator } from "./keyed-process-operator.ts";
import { RecordingOutput, testContext } from "./testing.ts";

const keyOf = (value: unknown): string => (value as string)[0]!;

/** In memory, and not ready for the keys in `away`. */
function backendWith(away: ReadonlySet<string>): StateBackend {
  const memory = memoryBackend();
  return {
    ...memory,
    create(config) {
      const keyed = memory.create(config);
      keyed.ready = (key) => !away.has(key as string);
      return keyed;
    },
  };
}

/** "a1": passes it on, and sets timers of "a" at 10 of event time and at 1_050 of the clock. */
function stage() {
  const away = new Set<string>();
  const output = new RecordingOutput();
  const inner = new KeyedProcessOperator<string, unknown, unknown>(
    {
      key: keyOf,
      keyType: types.string,
      create: () => ({
        processElement(value, context, out) {
          context.timers.registerEventTimeTimer(10);
          context.timers.registerProcessingTimeTimer(1_050);
          out.collect(value);
        },
        onEventTimeTimer: (_, { key }, out) => out.collect(`event timer of ${String(key)}`),
        onProcessingTimeTimer: (_, { key }, out) => out.collect(`timer of ${String(key)}`),
      }),
    },
    output,
  );
  const operator = new HoldingOperator(inner, [keyOf]);
  operator.open(testContext(new TestHost(), { backend: backendWith(away) }), []);
  return { away, output, operator };
}

test("[HO1] a record whose state is away is held, and so is all behind it, in order", () => {
  const { away, output, operator } = stage();
  operator.processElement("a1", 1);
  away.add("b");
  operator.processElement("b1", 2);
  expect(operator.available).toBe(false);
  operator.processElement("a2", 3);
  operator.processWatermark(5);
  operator.processStatus(true);
  expect(output.take()).toEqual(["a1@1"]);
  expect(operator.advanceProcessingTime(1_000)).toBeUndefined();
  expect(output.take()).toEqual([]);
  away.clear();
  expect(operator.advanceProcessingTime(1_000)).toBe(1_050);
  expect(output.take()).toEqual(["b1@2", "a2@3", "~5", "idle"]);
  expect(operator.available).toBe(true);
});

test("[HO1] [KP4] [C71] a watermark waits until every timer before it has fired, in order", () => {
  const { away, output, operator } = stage();
  for (const value of ["a1", "b1", "c1"]) operator.processElement(value, 1);
  output.take();
  away.add("b");
  operator.processWatermark(10);
  expect(output.take()).toEqual(["event timer of a@10"]);
  expect([operator.available, operator.settled]).toEqual([false, false]);
  operator.processStatus(true);
  away.clear();
  operator.advanceProcessingTime(1_000);
  expect(output.take()).toEqual(["event timer of b@10", "event timer of c@10", "~10", "idle"]);
});

test("[KP4] [C74] timers of the clock wait for the state of their key, and no input comes meanwhile", () => {
  const { away, output, operator } = stage();
  for (const value of ["a1", "b1"]) operator.processElement(value, 1);
  output.take();
  away.add("a");
  expect(operator.advanceProcessingTime(2_000)).toBeUndefined();
  expect([operator.available, operator.settled]).toEqual([false, true]);
  expect(output.take()).toEqual([]);
  away.clear();
  expect(operator.advanceProcessingTime(2_000)).toBeUndefined();
  expect(output.take()).toEqual(["timer of a@-", "timer of b@-"]);
  expect(operator.available).toBe(true);
});

test("[HO2] no snapshot and no end while something is held", () => {
  const { away, operator } = stage();
  away.add("a");
  operator.processElement("a1", 1);
  expect(operator.settled).toBe(false);
  expect(operator.finish()).toBe(false);
  expect(() => operator.snapshot(asCheckpointId(1), () => undefined)).toThrow(/HO2 checkpoint 1/);
  away.clear();
  operator.advanceProcessingTime(1_000);
  expect(operator.settled).toBe(true);
  expect(operator.finish()).toBe(true);
  expect(operator.snapshot(asCheckpointId(1), () => undefined).timers.length).toBe(1);
});

test("[FU1] whose key cannot be found is told by the operator", () => {
  const { operator } = stage();
  expect(() => operator.processElement(undefined, 1)).toThrow(/op.* on record/);
});

test("[HO1] an input without keys needs no state, and overtakes nothing that is held", () => {
  const away = new Set<string>();
  const output = new RecordingOutput();
  const inner = new KeyedBroadcastProcessOperator<string, unknown, unknown, unknown>(
    {
      key: keyOf,
      keyType: types.string,
      create: () => ({
        processElement: (value, _, out) => out.collect(value),
        processBroadcast: (value, _, out) => out.collect(value),
      }),
    },
    output,
  );
  const operator = new HoldingOperator(inner, [keyOf]);
  operator.open(testContext(new TestHost(), { backend: backendWith(away) }), []);
  away.add("a");
  operator.processSecond("all", 1);
  operator.processElement("a1", 2);
  operator.processSecond("all again", 3);
  expect(output.take()).toEqual(["all@1"]);
  away.clear();
  operator.advanceProcessingTime(1_000);
  expect(output.take()).toEqual(["a1@2", "all again@3"]);
});
