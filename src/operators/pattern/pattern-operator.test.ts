import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../../core/ids.ts";
import { TestHost } from "../../host/testing.ts";
import type { OperatorSnapshot } from "../../state/operator-snapshot.ts";
import { types } from "../../types/serializers.ts";
import { outputTag } from "../output-tag.ts";
import { RecordingOutput, stored, testContext } from "../testing.ts";
import { PatternOperator } from "./pattern-operator.ts";
import type { PatternSpec, PatternStage, SkipStrategy } from "./pattern-spec.ts";
import { pattern, type PatternBuilder } from "./pattern.ts";

const LATE = outputTag("late", types.list(types.string));

/** Stages take records by their first letter; what follows tells records apart. */
const is =
  (...letters: readonly string[]) =>
  (value: string): boolean =>
    letters.includes(value[0]!);

type Settings = Partial<Pick<PatternSpec<string, string>, "skip" | "withinMs" | "timedOut">>;

function openPattern(
  stages: readonly PatternStage<string>[],
  settings: Settings = {},
  state: readonly OperatorSnapshot[] = [],
) {
  const output = new RecordingOutput();
  const spec: PatternSpec<string, string> = {
    stages,
    skip: { kind: "no-skip" },
    select: (match, out) => out.collect([...match.values()].flat().join(" ")),
    type: types.string,
    ...settings,
  };
  const operator = new PatternOperator<string, string, string>(
    // One key for all records but those that name another: "b2/other".
    { key: (value) => value.split("/")[1] ?? "", keyType: types.string, spec },
    output,
  );
  operator.open(testContext(new TestHost(), { restored: state.length > 0 }), state);
  const snapshot = () => stored(operator.snapshot(asCheckpointId(1), () => undefined));
  return { operator, output, snapshot };
}

/** What comes of records at 1, 2, 3, ... ms, once all are in. */
function matchesOf(
  { stages }: PatternBuilder<string>,
  records: string,
  settings: Settings = {},
): string[] {
  const { operator, output } = openPattern(stages, settings);
  records.split(" ").forEach((record, i) => operator.processElement(record, i + 1));
  operator.processWatermark(Number.POSITIVE_INFINITY);
  return output
    .take()
    .filter((line) => line !== "~end")
    .map((line) => line.replace(/@\d+$/, ""));
}

describe("contiguity, on a c b1 b2", () => {
  const a = pattern.begin("a", is("a"));

  test.each([
    ["next", a.next("b", is("b")), []],
    ["followed-by", a.followedBy("b", is("b")), ["a b1"]],
    ["followed-by-any", a.followedByAny("b", is("b")), ["a b1", "a b2"]],
  ] as const)("%s", (_, builder, matches) => {
    expect(matchesOf(builder, "a c b1 b2")).toEqual(matches);
  });

  test("next takes the very next record, and only that", () => {
    expect(matchesOf(a.next("b", is("b")), "a b1 b2")).toEqual(["a b1"]);
  });
});

describe("repetition", () => {
  test("is relaxed within a stage, and not greedy", () => {
    const builder = pattern.begin("a", is("a")).oneOrMore().followedBy("b", is("b"));
    expect(matchesOf(builder, "a1 c a2 b1 b2")).toEqual(["a1 a2 b1", "a1 b1", "a2 b1"]);
  });

  test("has a least and a most", () => {
    const builder = pattern.begin("a", is("a")).times(2, 3);
    expect(matchesOf(builder, "a1 a2 a3 a4")).toEqual([
      "a1 a2",
      "a1 a2 a3",
      "a2 a3",
      "a2 a3 a4",
      "a3 a4",
    ]);
    expect(matchesOf(pattern.begin("a", is("a")).times(2), "a1 a2 a3")).toEqual(["a1 a2", "a2 a3"]);
  });

  test("may be none at all, at either end and in the middle", () => {
    const builder = pattern
      .begin("a", is("a"))
      .optional()
      .next("b", is("b"))
      .next("c", is("c"))
      .optional();
    expect(matchesOf(builder, "a b c")).toEqual(["a b", "b", "a b c", "b c"]);
    const middle = pattern.begin("a", is("a")).next("b", is("b")).optional().next("c", is("c"));
    expect(matchesOf(middle, "a1 b c1 a2 c2 b")).toEqual(["a1 b c1", "a2 c2"]);
  });
});

test("a condition sees what the match has taken, by stage", () => {
  const seen: string[] = [];
  const builder = pattern
    .begin("rise", is("r"))
    .times(2)
    .followedBy("end", (value, before) => {
      seen.push([...before].map(([stage, taken]) => `${stage}: ${taken.join()}`).join("; "));
      return is("e")(value);
    });
  expect(matchesOf(builder, "r1 r2 e")).toEqual(["r1 r2 e"]);
  expect(seen).toEqual(["rise: r1,r2"]);
});

/** The examples of Flink's documentation, "After Match Skip Strategy". */
describe("skip strategies", () => {
  const cases: readonly [SkipStrategy, string[], string[]][] = [
    [{ kind: "no-skip" }, ["b1 b2 b3 c", "b2 b3 c", "b3 c"], ["a b1", "a b1 b2", "a b1 b2 b3"]],
    [{ kind: "to-next" }, ["b1 b2 b3 c", "b2 b3 c", "b3 c"], ["a b1"]],
    [{ kind: "past-last" }, ["b1 b2 b3 c"], ["a b1"]],
    [{ kind: "to-first", stage: "b" }, ["b1 b2 b3 c", "b2 b3 c", "b3 c"], ["a b1"]],
    [{ kind: "to-last", stage: "b" }, ["b1 b2 b3 c", "b3 c"], ["a b1"]],
  ];

  test.each(cases)("%o", (skip, repeatedFirst, repeatedLast) => {
    const first = pattern.begin("b", is("b")).oneOrMore().next("c", is("c"));
    expect(matchesOf(first, "b1 b2 b3 c", { skip })).toEqual(repeatedFirst);
    const last = pattern.begin("a", is("a")).next("b", is("b")).oneOrMore();
    expect(matchesOf(last, "a b1 b2 b3", { skip })).toEqual(repeatedLast);
  });

  test("a stage that took nothing skips nothing", () => {
    const builder = pattern
      .begin("a", is("a"))
      .followedBy("x", is("x"))
      .optional()
      .followedBy("b", is("b"));
    const skip = { kind: "to-last", stage: "x" } as const;
    expect(matchesOf(builder, "a1 a2 b", { skip })).toEqual(["a1 b", "a2 b"]);
    expect(matchesOf(builder, "a1 x a2 b", { skip })).toEqual(["a1 x b", "a2 b"]);
  });

  test("[PN2] nothing that begins in a match, or before it, follows past its last record", () => {
    const builder = pattern.begin("a", is("a")).followedByAny("b", is("b", "a"));
    const skip = { kind: "past-last" } as const;
    expect(matchesOf(builder, "a1 c a2 b1 b2 a3 b3", { skip })).toEqual(["a1 a2", "a3 b3"]);
  });
});

describe("time", () => {
  const aThenB = pattern.begin("a", is("a")).followedBy("b", is("b")).stages;

  test("[PO1] records are matched in order of time, then of bytes, once the watermark has come", () => {
    const { operator, output } = openPattern(aThenB);
    operator.processElement("b2", 20);
    operator.processElement("b1", 20);
    operator.processElement("a", 10);
    operator.processWatermark(19);
    expect(output.take()).toEqual(["~19"]);
    operator.processWatermark(20);
    expect(output.take()).toEqual(["a b1@20", "~20"]);
  });

  test("[C71] matches carry the time of their last record, and leave before the watermark", () => {
    const { operator, output } = openPattern(aThenB);
    for (const [record, timeMs] of [
      ["a", 1],
      ["b", 5],
      ["a/k", 2],
      ["b/k", 3],
    ] as const) {
      operator.processElement(record, timeMs);
    }
    operator.processWatermark(9);
    expect(output.take()).toEqual(["a/k b/k@3", "a b@5", "~9"]);
  });

  test("what is at or behind the watermark is late, and dropped", () => {
    const { operator, output } = openPattern(aThenB);
    operator.processWatermark(10);
    operator.processElement("a", 10);
    operator.processElement("b", 12);
    operator.processWatermark(20);
    expect(output.take()).toEqual(["~10", "~20"]);
  });

  test("a record without a time is refused", () => {
    const { operator } = openPattern(aThenB);
    expect(() => operator.processElement("a", Number.NEGATIVE_INFINITY)).toThrow(
      'operator "op" failed on record "a": Error: a pattern needs event time',
    );
  });

  test("[C85] after a restore what its runs have passed does not come back in", () => {
    const before = openPattern(aThenB);
    before.operator.processElement("a", 10);
    before.operator.processWatermark(10);
    const { operator, output } = openPattern(aThenB, {}, [before.snapshot()]);
    operator.processElement("b", 9);
    operator.processElement("b", 11);
    operator.processWatermark(20);
    expect(output.take()).toEqual(["a b@11", "~20"]);
  });
});

describe("withinMs", () => {
  const stages = pattern.begin("a", is("a")).oneOrMore().followedBy("b", is("b")).stages;

  test("[PN1] is exclusive: a match lasts less", () => {
    for (const [timeMs, matches] of [
      [9, ["a b@9"]],
      [10, []],
    ] as const) {
      const { operator, output } = openPattern(stages, { withinMs: 10 });
      operator.processElement("a", 0);
      operator.processElement("b", timeMs);
      operator.processWatermark(50);
      expect(output.take()).toEqual([...matches, "~50"]);
    }
  });

  test("what runs out of time goes to the side output when the watermark comes to it", () => {
    const { operator, output } = openPattern(stages, { withinMs: 10, timedOut: LATE });
    operator.processElement("a1", 0);
    operator.processElement("a2", 4);
    operator.processWatermark(9);
    expect(output.take()).toEqual(["~9"]);
    operator.processWatermark(13);
    expect(output.take()).toEqual(['late!["a1"]@10', 'late!["a1","a2"]@10', "~13"]);
    operator.processWatermark(14);
    expect(output.take()).toEqual(['late!["a2"]@14', "~14"]);
  });

  test("what has become a match does not run out of time", () => {
    const builder = pattern.begin("a", is("a")).followedBy("b", is("b")).oneOrMore();
    const { operator, output } = openPattern(builder.stages, { withinMs: 10, timedOut: LATE });
    operator.processElement("a", 0);
    operator.processElement("b", 1);
    operator.processWatermark(50);
    expect(output.take()).toEqual(["a b@1", "~50"]);
  });
});

describe("state", () => {
  const aThenB = pattern.begin("a", is("a")).followedBy("b", is("b"));

  test("[PO2] nothing is kept of a key without a waiting record or an open run", () => {
    const empty = openPattern(aThenB.stages).snapshot();
    const { operator, snapshot } = openPattern(aThenB.stages, { skip: { kind: "past-last" } });
    operator.processElement("a1", 1);
    operator.processElement("a2", 2);
    expect(snapshot().keyed).not.toEqual(empty.keyed);
    operator.processWatermark(2);
    expect(snapshot().keyed).not.toEqual(empty.keyed);
    operator.processElement("b", 3);
    operator.processWatermark(3);
    expect(snapshot()).toEqual(empty);
  });

  test("[PO2] a record that no run refers to any more is not kept beside one that is", () => {
    const { operator, snapshot } = openPattern(aThenB.stages, { withinMs: 10 });
    const lone = openPattern(aThenB.stages, { withinMs: 10 });
    operator.processElement("a-record-of-some-length", 1);
    operator.processElement("a", 5);
    lone.operator.processElement("a", 5);
    operator.processWatermark(11);
    lone.operator.processWatermark(11);
    const sizes = [snapshot(), lone.snapshot()].map(({ keyed }) => keyed[0]!.bytes.length);
    expect(sizes[0]).toBe(sizes[1]);
  });

  test("[C63] a snapshot is closed to what the runs do later", () => {
    const { operator } = openPattern(aThenB.stages);
    operator.processElement("a", 1);
    operator.processWatermark(1);
    const pending = operator.snapshot(asCheckpointId(1), () => undefined);
    operator.processElement("b", 2);
    operator.processWatermark(2);
    const after = openPattern(aThenB.stages, {}, [stored(pending)]);
    after.operator.processElement("b", 2);
    after.operator.processWatermark(2);
    expect(after.output.take()).toEqual(["a b@2", "~2"]);
  });

  test("[C50] runs of other stages are refused", () => {
    const before = openPattern(aThenB.stages);
    before.operator.processElement("a", 1);
    before.operator.processWatermark(1);
    const other = pattern.begin("a", is("a")).followedBy("c", is("c")).stages;
    expect(() => openPattern(other, {}, [before.snapshot()])).toThrow(/progress.*\["a","b"\]/s);
  });

  test("[C75] nothing fires after close", () => {
    const { operator, output } = openPattern(aThenB.stages);
    operator.processElement("a", 1);
    operator.processElement("b", 2);
    operator.close();
    operator.processWatermark(9);
    expect(output.take()).toEqual([]);
  });
});

describe("errors of the user name the place", () => {
  const oops = (): never => {
    throw new Error("oops");
  };

  test("where", () => {
    const { operator } = openPattern(pattern.begin("a", oops).stages);
    operator.processElement("x", 1);
    expect(() => operator.processWatermark(1)).toThrow(
      'operator "op" failed in where of stage "a" on record "x": Error: oops',
    );
  });

  test("select", () => {
    const stages = pattern.begin("a", is("a")).stages;
    const { operator } = openPattern(stages, { select: oops } as Settings);
    operator.processElement("a1", 1);
    expect(() => operator.processWatermark(1)).toThrow(
      'operator "op" failed in select on the match [["a", ["a1"]]]: Error: oops',
    );
  });
});
