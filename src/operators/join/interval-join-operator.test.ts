import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../../core/ids.ts";
import { TestHost } from "../../host/testing.ts";
import type { OperatorSnapshot } from "../../state/operator-snapshot.ts";
import { types } from "../../types/serializers.ts";
import { outputTag } from "../output-tag.ts";
import { RecordingOutput, stored, testContext } from "../testing.ts";
import { IntervalJoinOperator } from "./interval-join-operator.ts";
import type { IntervalJoinSpec } from "./join-spec.ts";

type Spec = IntervalJoinSpec<string, string, string>;
type State = readonly OperatorSnapshot[];

/** Records are "key:rest". */
const keyOf = (value: string): string => value.split(":")[0]!;

const specOf = (lowerMs: number, upperMs: number, parts: Partial<Spec> = {}): Spec => ({
  ...{ lowerMs, upperMs, lowerExclusive: false, upperExclusive: false },
  types: [types.string, types.string],
  join: (left, right, out) => out.collect(`${left}+${right}`),
  ...parts,
});

function openJoin(spec: Spec, state: State = []) {
  const output = new RecordingOutput();
  const operator = new IntervalJoinOperator<string, string, string, string>(
    { keys: [keyOf, keyOf], keyType: types.string, spec },
    output,
  );
  operator.open(testContext(new TestHost(), { restored: state.length > 0 }), state);
  const snapshot = () => stored(operator.snapshot(asCheckpointId(1), () => undefined));
  return { operator, output, snapshot };
}

/** "left k:1 @5" or "right k:2 @5" or "watermark 9": what comes of it. */
function transcript(spec: Spec, lines: readonly (readonly [string, string])[]): void {
  const { operator, output } = openJoin(spec);
  for (const [event, expected] of lines) {
    const [what = "", value = "", at = ""] = event.split(" ");
    if (what === "watermark") operator.processWatermark(Number(value));
    else if (what === "left") operator.processElement(value, Number(at.slice(1)));
    else operator.processSecond(value, Number(at.slice(1)));
    expect([event, output.take().join(", ")]).toEqual([event, expected]);
  }
}

describe("pairs", () => {
  test("[IJ1] [IJ3] meet when the later comes, under the later time", () => {
    transcript(specOf(-2, 5), [
      ["left a:L @10", ""],
      ["right a:early @7", ""],
      ["right a:first @8", "a:L+a:first@10"],
      ["right a:last @15", "a:L+a:last@15"],
      ["right a:beyond @16", ""],
      ["right b:other @10", ""],
      ["left a:M @13", "a:M+a:last@15, a:M+a:beyond@16"],
    ]);
  });

  test("an end may be left out", () => {
    transcript(specOf(0, 5, { lowerExclusive: true, upperExclusive: true }), [
      ["right a:0 @10", ""],
      ["right a:1 @11", ""],
      ["right a:4 @14", ""],
      ["right a:5 @15", ""],
      ["left a:L @10", "a:L+a:1@11, a:L+a:4@14"],
    ]);
  });

  test("of several partners the oldest comes first, and of one time the first to arrive", () => {
    transcript(specOf(-200, 200), [
      ["right a:z @150", ""],
      ["right a:y @9", ""],
      ["right a:x @9", ""],
      ["right a:w @70", ""],
      ["left a:L @100", "a:L+a:y@100, a:L+a:x@100, a:L+a:w@100, a:L+a:z@150"],
    ]);
  });

  test("whose bounds lie on one side of a record are found all the same", () => {
    transcript(specOf(3, 4), [
      ["right a:r @13", ""],
      ["left a:near @11", ""],
      ["left a:far @10", "a:far+a:r@13"],
    ]);
    transcript(specOf(-4, -3), [
      ["left a:L @13", ""],
      ["right a:near @11", ""],
      ["right a:far @10", "a:L+a:far@13"],
    ]);
  });
});

describe("late records", () => {
  test("at or behind the watermark go to their side outputs, and meet nobody", () => {
    const lateLeft = outputTag("late-left", types.string);
    const lateRight = outputTag("late-right", types.string);
    transcript(specOf(-100, 100, { lateLeft, lateRight }), [
      ["left a:L @30", ""],
      ["watermark 20", "~20"],
      ["right a:at @20", "late-right!a:at@20"],
      ["right a:above @21", "a:L+a:above@30"],
      ["left a:behind @5", "late-left!a:behind@5"],
    ]);
  });

  test("without a side output are dropped", () => {
    transcript(specOf(-100, 100), [
      ["watermark 20", "~20"],
      ["right a:at @20", ""],
      ["left a:L @21", ""],
    ]);
  });
});

describe("state", () => {
  const isEmpty = ({ keyed, timers }: OperatorSnapshot): boolean =>
    keyed.length === 0 && timers.length === 0;

  test("[IJ2] is gone with the watermark at the last partner's time, not one earlier", () => {
    const { operator, snapshot } = openJoin(specOf(-3, 5));
    operator.processElement("a:L", 10);
    operator.processWatermark(14);
    expect(isEmpty(snapshot())).toBe(false);
    operator.processWatermark(15);
    expect(isEmpty(snapshot())).toBe(true);
    operator.processSecond("a:R", 20);
    operator.processWatermark(22);
    expect(isEmpty(snapshot())).toBe(false);
    operator.processWatermark(23);
    expect(isEmpty(snapshot())).toBe(true);
  });

  test("[IJ2] an excluded end is not waited for", () => {
    const { operator, snapshot } = openJoin(specOf(-3, 5, { upperExclusive: true }));
    operator.processElement("a:L", 10);
    operator.processWatermark(14);
    expect(isEmpty(snapshot())).toBe(true);
  });

  test("[IJ2] a record whose partners all lie behind is not kept", () => {
    const { operator, snapshot } = openJoin(specOf(-9, -4));
    operator.processWatermark(7);
    operator.processElement("a:L", 11);
    expect(isEmpty(snapshot())).toBe(true);
    operator.processElement("a:M", 12);
    expect(isEmpty(snapshot())).toBe(false);
    operator.processWatermark(8);
    expect(isEmpty(snapshot())).toBe(true);
  });

  test("[C63] a snapshot is closed to what comes later", () => {
    const { operator } = openJoin(specOf(-9, 9));
    operator.processElement("a:before", 10);
    const pending = operator.snapshot(asCheckpointId(1), () => undefined);
    operator.processElement("a:after", 10);
    const restored = openJoin(specOf(-9, 9), [stored(pending)]);
    restored.operator.processSecond("a:R", 10);
    expect(restored.output.take()).toEqual(["a:before+a:R@10"]);
  });

  test("what the join function changes in place is its own copy", () => {
    const row = types.record({ n: types.int });
    type Row = { n: number };
    const output = new RecordingOutput();
    const operator = new IntervalJoinOperator<number, Row, Row, string>(
      {
        keys: [() => 1, () => 1],
        keyType: types.int,
        spec: {
          ...specOf(-9, 9),
          lateLeft: undefined,
          lateRight: undefined,
          types: [row, row],
          join: (left, right, out) => out.collect(`${left.n++}+${right.n++}`),
        },
      },
      output,
    );
    operator.open(testContext(new TestHost()), []);
    operator.processElement({ n: 1 }, 1);
    operator.processElement({ n: 2 }, 2);
    operator.processSecond({ n: 5 }, 3);
    operator.processSecond({ n: 6 }, 3);
    expect(output.take()).toEqual(["1+5@3", "2+5@3", "1+6@3", "2+6@3"]);
  });
});

describe("errors", () => {
  test("a record without event time is refused, and told", () => {
    const { operator } = openJoin(specOf(0, 1));
    expect(() => operator.processSecond("a:R", Number.NEGATIVE_INFINITY)).toThrow(
      'operator "op" failed on record "a:R": Error: it has no event time',
    );
  });

  test("of the join function name the operator and the record", () => {
    const join = (): void => {
      throw new Error("oops");
    };
    const { operator } = openJoin(specOf(0, 1, { join }));
    operator.processElement("a:L", 1);
    expect(() => operator.processSecond("a:R", 1)).toThrow(
      'operator "op" failed on record "a:R": Error: oops',
    );
  });
});

test("[C75] [C76] after close no watermark goes on", () => {
  const { operator, output } = openJoin(specOf(0, 1));
  operator.close();
  operator.processWatermark(5);
  expect(output.take()).toEqual([]);
});

type Event = Readonly<
  | { kind: "record"; side: "left" | "right"; key: string; atMs: number }
  | { kind: "watermark"; byMs: number }
  | { kind: "restore" }
>;

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("record" as const),
      side: fc.constantFrom("left" as const, "right" as const),
      key: fc.constantFrom("a", "b"),
      atMs: fc.integer({ min: -20, max: 40 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("watermark" as const),
      byMs: fc.integer({ min: 0, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "restore" as const }) },
);

const bounds = fc
  .tuple(
    fc.integer({ min: -12, max: 12 }),
    fc.integer({ min: 0, max: 15 }),
    fc.boolean(),
    fc.boolean(),
  )
  .filter(([, width, open, closed]) => width >= Number(open) + Number(closed));

type Came = Readonly<{ side: "left" | "right"; value: string; atMs: number }>;

/** All that came in time, and what two plain loops say of it. */
class Model {
  readonly #isClose: (apartMs: number) => boolean;
  readonly #came: Came[] = [];
  watermarkMs = Number.NEGATIVE_INFINITY;

  constructor(isClose: (apartMs: number) => boolean) {
    this.#isClose = isClose;
  }

  /** The pairs that this record completes; undefined when it is late. */
  take(one: Came): string[] | undefined {
    if (one.atMs <= this.watermarkMs) return undefined;
    const pairs: string[] = [];
    for (const other of this.#came) {
      if (other.side === one.side || keyOf(other.value) !== keyOf(one.value)) continue;
      const [left, right] = one.side === "left" ? [one, other] : [other, one];
      if (!this.#isClose(right.atMs - left.atMs)) continue;
      pairs.push(`${left.value}+${right.value}@${Math.max(left.atMs, right.atMs)}`);
    }
    this.#came.push(one);
    return pairs;
  }

  /** Whether somebody may still come whom a record that came would meet. */
  expectsMore(): boolean {
    return this.#came.some(({ side, atMs }) => {
      for (let apartMs = -30; apartMs <= 30; apartMs++) {
        const partnerMs = side === "left" ? atMs + apartMs : atMs - apartMs;
        if (this.#isClose(apartMs) && partnerMs > this.watermarkMs) return true;
      }
      return false;
    });
  }
}

test("[IJ1] [IJ2] [C71] as nested loops say, through watermarks and restores", () => {
  const property = fc.property(bounds, fc.array(event, { maxLength: 40 }), (bound, events) => {
    const [lowerMs, width, lowerExclusive, upperExclusive] = bound;
    const upperMs = lowerMs + width;
    const lateLeft = outputTag("late", types.string);
    const parts = { lowerExclusive, upperExclusive, lateLeft, lateRight: lateLeft };
    const spec = specOf(lowerMs, upperMs, parts);
    const model = new Model(
      (apartMs) =>
        (lowerExclusive ? apartMs > lowerMs : apartMs >= lowerMs) &&
        (upperExclusive ? apartMs < upperMs : apartMs <= upperMs),
    );
    let { operator, output, snapshot } = openJoin(spec);
    const goTo = (watermarkMs: number): void => {
      model.watermarkMs = watermarkMs;
      operator.processWatermark(watermarkMs);
      expect(output.take()).toEqual([`~${watermarkMs === Infinity ? "end" : watermarkMs}`]);
    };
    events.forEach((one, i) => {
      if (one.kind === "watermark") {
        goTo(Math.max(model.watermarkMs, -25) + one.byMs);
      } else if (one.kind === "restore") {
        ({ operator, output, snapshot } = openJoin(spec, [snapshot()]));
        // The test goes on where it was; a source would read again from there.
        if (model.watermarkMs > Number.NEGATIVE_INFINITY) goTo(model.watermarkMs);
      } else {
        const { side, key, atMs } = one;
        const value = `${key}:${side}-${i}`;
        const expected = model.take({ side, value, atMs }) ?? [`late!${value}@${atMs}`];
        if (side === "left") operator.processElement(value, atMs);
        else operator.processSecond(value, atMs);
        expect(output.take().sort()).toEqual(expected.sort());
      }
      const { keyed, timers } = snapshot();
      expect([keyed.length > 0, timers.length > 0]).toEqual([
        model.expectsMore(),
        model.expectsMore(),
      ]);
    });
    goTo(Number.POSITIVE_INFINITY);
    expect(snapshot()).toMatchObject({ keyed: [], timers: [] });
  });
  fc.assert(property, { seed: 71, numRuns: 300 });
});
