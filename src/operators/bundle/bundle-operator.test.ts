import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../../core/ids.ts";
import { TestHost } from "../../host/testing.ts";
import { types } from "../../types/serializers.ts";
import { RecordingOutput, stored, testContext } from "../testing.ts";
import { BundleOperator } from "./bundle-operator.ts";
import { checkBundle, type BundleSpec } from "./bundle-spec.ts";

type TextBundle = BundleSpec<string, string, string[], string>;

/** Records are "key:rest"; a bundle is "key(rest+rest)". The accumulator is changed in place. */
const SPEC: TextBundle = {
  key: (value) => value.split(":")[0]!,
  keyType: types.string,
  recordsMax: 4,
  aggregate: {
    createAccumulator: () => [],
    add: (value, accumulator) => {
      accumulator.push(value.split(":")[1]!);
      return accumulator;
    },
  },
  emit: (key, accumulator) => `${key}(${accumulator.join("+")})`,
};

function stage(changes: Partial<TextBundle> = {}) {
  const output = new RecordingOutput();
  const operator = new BundleOperator({ ...SPEC, ...changes }, output);
  operator.open(testContext(new TestHost()), []);
  const give = (values: string, timestampMs = 1): void => {
    for (const value of values.split(" ")) operator.processElement(value, timestampMs);
  };
  return { operator, output, give };
}

describe("a bundle", () => {
  test("[BN3] leaves when it is full: one record a key, in the order in which keys came", () => {
    const { give, output } = stage();
    give("b:1 a:2 b:3");
    expect(output.take()).toEqual([]);
    give("c:4 a:5");
    expect(output.take()).toEqual(["b(1+3)@1", "a(2)@1", "c(4)@1"]);
    give("a:6 a:7 a:8");
    expect(output.take()).toEqual(["a(5+6+7+8)@1"]);
  });

  test("has the latest timestamp of each key's records", () => {
    const { operator, give, output } = stage();
    give("a:1", 5);
    give("a:2", 9);
    give("a:3", 7);
    give("b:4", Number.NEGATIVE_INFINITY);
    operator.processElement("b:5", 2);
    expect(output.take()).toEqual(["a(1+2+3)@9", "b(4)@-"]);
  });

  test("[BN1] [C3] leaves before the barrier, so that no snapshot has to hold it", () => {
    const { operator, give, output } = stage();
    give("a:1 a:2");
    operator.prepareBarrier(asCheckpointId(1));
    expect(output.take()).toEqual(["a(1+2)@1"]);
    const snapshot = stored(operator.snapshot(asCheckpointId(1), () => undefined));
    expect(snapshot).toMatchObject({ keyed: [], timers: [], operatorState: [] });
    operator.prepareBarrier(asCheckpointId(2));
    expect(output.take()).toEqual([]);
  });

  test("[BN2] leaves before a watermark, an idle status and the end", () => {
    const { operator, give, output } = stage();
    give("a:1");
    operator.processWatermark(5);
    give("a:2");
    operator.processStatus(true);
    operator.processStatus(false);
    give("a:3");
    expect(operator.finish()).toBe(true);
    expect(output.take()).toEqual(["a(1)@1", "~5", "a(2)@1", "idle", "active", "a(3)@1"]);
  });

  test("of one record is that record, where one is the most", () => {
    const { give, output } = stage({ recordsMax: 1 });
    give("a:1 a:2");
    expect(output.take()).toEqual(["a(1)@1", "a(2)@1"]);
  });

  test("is dropped with the attempt that gathered it", () => {
    const { operator, give, output } = stage();
    give("a:1");
    operator.close();
    expect(operator.finish()).toBe(true);
    expect(output.take()).toEqual([]);
  });
});

test("keys are told apart by their bytes", () => {
  const { operator, output } = stage({
    key: (value) => ({ k: value }) as never,
    keyType: types.generic(),
  });
  for (const value of ["x:1", "y:1", "x:1"]) operator.processElement(value, 0);
  operator.finish();
  expect(output.take()).toEqual(["[object Object](1+1)@0", "[object Object](1)@0"]);
});

test("errors name the operator, and the record or key", () => {
  const explode = (): never => {
    throw new TypeError("oops");
  };
  expect(() => stage({ key: explode }).give("a:1")).toThrow('"op" failed on record "a:1": TypeE');
  const { operator, give } = stage({ emit: explode });
  give("a:1");
  expect(() => operator.finish()).toThrow('"op" failed on the bundle of key "a": TypeError');
});

test.each([0, 1.5, -1, Number.NaN])("a bundle of %d records is refused", (recordsMax) => {
  const spec = { ...SPEC, recordsMax } as unknown as BundleSpec;
  expect(checkBundle('operator "x"', spec)).toEqual([
    `operator "x": recordsMax is ${recordsMax}; give an integer from 1 up`,
  ]);
  expect(checkBundle('operator "x"', { ...spec, recordsMax: 1 })).toEqual([]);
});
