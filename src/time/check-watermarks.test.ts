/** What a strategy cannot mean is said when the job is built. */
import { expect, test } from "vitest";
import { checkAssignedWatermarks, checkWatermarks } from "./check-watermarks.ts";
import { WatermarkStrategy, type WatermarkSpec } from "./watermark-strategy.ts";

const check = (spec: WatermarkSpec): string[] => checkWatermarks('operator "s"', spec);

test("sound strategies pass", () => {
  const alignment = { group: "g", driftMsMax: 0 };
  const create = () => ({ onRecord: () => undefined, onPeriodicEmit: () => undefined });
  for (const spec of [
    WatermarkStrategy.none(),
    WatermarkStrategy.forBoundedOutOfOrderness(0, { idleAfterMs: 1, alignment }),
    WatermarkStrategy.forMonotonousTimestamps({ timestampOf: () => 1 }),
    WatermarkStrategy.forGenerator(create, { alignment }),
  ]) {
    expect(check(spec)).toEqual([]);
  }
});

test.each([
  [WatermarkStrategy.forBoundedOutOfOrderness(-1), "watermarks tolerate -1 ms; give an integer"],
  [WatermarkStrategy.forBoundedOutOfOrderness(0.5), "watermarks tolerate 0.5 ms"],
  [
    WatermarkStrategy.none({ idleAfterMs: 0 }),
    "splits are idle after 0 ms; give an integer from 1",
  ],
  [WatermarkStrategy.none({ idleAfterMs: NaN }), "splits are idle after NaN ms"],
  [
    WatermarkStrategy.forMonotonousTimestamps({ alignment: { group: "", driftMsMax: 1 } }),
    "the name of its watermark alignment group is empty",
  ],
  [
    WatermarkStrategy.forMonotonousTimestamps({ alignment: { group: "g", driftMsMax: -1 } }),
    "its watermarks may drift by -1 ms",
  ],
  [
    WatermarkStrategy.none({ alignment: { group: "g", driftMsMax: 1 } }),
    "watermarks are aligned, yet it makes none",
  ],
  [
    { generation: { kind: "custom", create: "later" } } as unknown as WatermarkSpec,
    "later makes its watermark generators; give a function",
  ],
  [
    { generation: { kind: "none" }, timestampOf: "at" } as unknown as WatermarkSpec,
    "timestampOf is at; give a function",
  ],
])("%j", (spec, problem) => {
  const problems = check(spec);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`operator "s": ${problem}`);
});

test("[C83] in the middle of a job nothing can wait, so nothing is aligned", () => {
  const alignment = { group: "g", driftMsMax: 1 };
  const plain = WatermarkStrategy.forMonotonousTimestamps();
  expect(checkAssignedWatermarks('operator "m"', plain)).toEqual([]);
  expect(checkAssignedWatermarks('operator "m"', { ...plain, alignment })).toEqual([
    'operator "m": alignment group "g" is for sources, which can wait; give it to the source',
  ]);
});

test("everything that is wrong is said at once", () => {
  const alignment = { group: "", driftMsMax: -1 };
  expect(check(WatermarkStrategy.none({ idleAfterMs: -1, alignment }))).toHaveLength(4);
});
