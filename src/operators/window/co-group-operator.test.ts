import fc from "fast-check";
import { expect, test } from "vitest";
import { createCoGroupTwin } from "../../../properties/reference/co-group-twin.ts";
import { asCheckpointId } from "../../core/ids.ts";
import { TestHost } from "../../host/testing.ts";
import type { OperatorSnapshot } from "../../state/operator-snapshot.ts";
import { types } from "../../types/serializers.ts";
import { RecordingOutput, stored, testContext } from "../testing.ts";
import { globalWindow, sessionWindows, tumblingWindows } from "./assigners.ts";
import { CoGroupOperator, type CoGroupConfig } from "./co-group-operator.ts";
import { isEmpty } from "./testing.ts";
import { customTrigger, deltaTrigger, purging } from "./triggers.ts";
import type { CoGroupSpec } from "./window-spec.ts";

type Spec = CoGroupSpec<string, string, number, string>;

/** Left records are text keyed by their first letter, right ones numbers: even ones belong to "a". */
function openCoGroup(over: Partial<Spec> = {}, state: readonly OperatorSnapshot[] = []) {
  const host = new TestHost();
  const output = new RecordingOutput();
  const spec: Spec = {
    assigner: tumblingWindows({ sizeMs: 10 }),
    allowedLatenessMs: 0,
    types: [types.string, types.long],
    apply: (lefts, rights, { key, window }, out) =>
      out.collect(
        `${key}[${window.startMs},${window.endMs}) ${lefts.join(" ")} | ${rights.join(" ")}`,
      ),
    ...over,
  };
  const config: CoGroupConfig<string, string, number, string> = {
    keys: [(text) => text.slice(0, 1), (number) => (number % 2 === 0 ? "a" : "b")],
    keyType: types.string,
    spec,
  };
  const operator = new CoGroupOperator(config, output);
  operator.open(testContext(host), state);
  const snapshot = (): OperatorSnapshot =>
    stored(operator.snapshot(asCheckpointId(1), () => undefined));
  const left = (text: string, timestampMs: number): void => {
    operator.processElement(text, timestampMs);
  };
  const right = (number: number, timestampMs: number): void => {
    operator.processSecond(number, timestampMs);
  };
  return { config, host, operator, output, snapshot, left, right };
}

test("[CG1] what of both sides falls into one window of a key comes out together", () => {
  const { operator, output, left, right, snapshot } = openCoGroup();
  left("a1", 3);
  right(2, 4);
  left("a2", 5);
  right(4, 1);
  right(1, 1);
  left("a3", 12);
  operator.processWatermark(9);
  expect(output.take()).toEqual(["a[0,10) a1 a2 | 2 4@9", "b[0,10)  | 1@9", "~9"]);
  operator.processWatermark(Infinity);
  expect(output.take()).toEqual(["a[10,20) a3 | @19", "~end"]);
  expect(isEmpty(snapshot())).toBe(true);
});

test("[CG1] [C53] goes on after a restore, with both sides", () => {
  const before = openCoGroup();
  before.left("a1", 3);
  before.right(2, 4);
  const { operator, output, right } = openCoGroup({}, [before.snapshot()]);
  right(4, 5);
  operator.processWatermark(9);
  expect(output.take()).toEqual(["a[0,10) a1 | 2 4@9", "~9"]);
});

test("[C90] sessions merge over both sides; the gap is that of the record", () => {
  const gapMs = (value: unknown): number => (typeof value === "number" ? value : 5);
  const { operator, output, left, right } = openCoGroup({ assigner: sessionWindows({ gapMs }) });
  left("a1", 0);
  left("a2", 15);
  right(20, 2);
  operator.processWatermark(Infinity);
  expect(output.take()).toEqual(["a[0,22) a1 a2 | 20@21", "~end"]);
});

test("triggers see records, not their sides", () => {
  const size = (value: unknown): number => (typeof value === "number" ? value : 0);
  const delta = (from: unknown, to: unknown): number => size(to) - size(from);
  const trigger = purging(deltaTrigger({ threshold: 3, delta, type: types.generic<unknown>() }));
  const assigner = globalWindow<unknown>();
  const byDelta = openCoGroup({ assigner, trigger });
  byDelta.left("a1", 0);
  byDelta.right(2, 0);
  byDelta.right(4, 0);
  expect(byDelta.output.take()).toEqual(["a[-Infinity,Infinity) a1 | 2 4@-"]);

  const seen: unknown[] = [];
  const create = () => ({
    onElement(value: unknown) {
      seen.push(value);
      return "continue" as const;
    },
    onEventTime: () => "continue" as const,
    onProcessingTime: () => "fire" as const,
    onMerge: () => undefined,
    clear: () => seen.push("cleared"),
  });
  const processing = sessionWindows<unknown>({ gapMs: 10, time: "processing" });
  const custom = openCoGroup({ assigner: processing, trigger: customTrigger(create) });
  custom.left("a1", 0);
  custom.host.advanceMs(5);
  custom.right(2, 0);
  custom.host.advanceMs(20);
  expect(custom.operator.advanceProcessingTime(25)).toBeUndefined();
  expect(custom.output.take()).toEqual(["a[0,15) a1 | 2@14"]);
  expect(seen).toEqual(["a1", "cleared", 2, "cleared"]);
});

test("[C75] nothing fires once it is closed", () => {
  const { operator, output, left } = openCoGroup();
  left("a1", 3);
  operator.close();
  operator.processWatermark(9);
  expect(output.take()).toEqual([]);
});

const step = fc.record({
  what: fc.constantFrom("left", "left", "right", "right", "watermark"),
  number: fc.integer({ min: 1, max: 9 }),
  timeMs: fc.integer({ min: -12, max: 15 }),
});

test("[CG1] [C90] agrees with its twin on whatever comes, and keeps nothing in the end", () => {
  let rows = 0;
  const agree = fc.property(
    fc.array(step, { maxLength: 60, size: "max" }),
    fc.boolean(),
    (steps, merge) => {
      const gapMs = (value: unknown): number => (typeof value === "number" ? value : 4);
      const assigner = merge ? sessionWindows({ gapMs }) : tumblingWindows({ sizeMs: 7 });
      const { config, operator, output, snapshot } = openCoGroup({
        assigner,
        allowedLatenessMs: 5,
      });
      const expected = new RecordingOutput();
      let watermarkMs = 0;
      const twin = createCoGroupTwin({ kind: "co-group", ...config } as never, {
        node: {} as never,
        clocks: { processingTimeMs: () => 0, watermarkMs: () => watermarkMs },
        emit: (value, timestampMs) => expected.emit(value, timestampMs),
        emitSide: () => undefined,
      });
      const advance = (toMs: number): void => {
        watermarkMs = toMs;
        operator.processWatermark(toMs);
        twin.advance?.(toMs);
        expected.emitWatermark(toMs);
      };
      advance(0);
      for (const { what, number, timeMs } of [...steps]) {
        const atMs = watermarkMs + timeMs;
        const text = `${number % 2 === 0 ? "a" : "b"}${number}`;
        if (what === "watermark") advance(watermarkMs + number);
        else if (what === "left") operator.processElement(text, atMs);
        else operator.processSecond(number, atMs);
        if (what === "left") twin.receive(0, text, atMs);
        if (what === "right") twin.receive(1, number, atMs);
        expect(output.lines).toEqual(expected.lines);
        rows += output.take().length;
        expected.take();
      }
      advance(Infinity);
      expect(output.lines).toEqual(expected.lines);
      expect(isEmpty(snapshot())).toBe(true);
    },
  );
  fc.assert(agree, { seed: 80, numRuns: 80 });
  expect(rows).toBeGreaterThan(1_000);
});
