import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../../core/ids.ts";
import { TestHost } from "../../host/testing.ts";
import type { OperatorSnapshot } from "../../state/operator-snapshot.ts";
import { types } from "../../types/serializers.ts";
import type { Change } from "../join/join-spec.ts";
import { RecordingOutput, stored, testContext } from "../testing.ts";
import { checkTopN } from "./check-ranking.ts";
import type { TopNSpec } from "./ranking-spec.ts";
import { TopNOperator } from "./top-n-operator.ts";

type Row = Readonly<{ key: string; score: number; name: string }>;

const rowType = types.record({ key: types.string, score: types.int, name: types.string });

/** The higher score ranks first. */
const byScore = (left: Row, right: Row): number => right.score - left.score;

function openTopN(count: number, state: readonly OperatorSnapshot[] = []) {
  const output = new RecordingOutput();
  const spec: TopNSpec<Row> = { count, compare: byScore, type: rowType };
  const operator = new TopNOperator<string, Row>(
    { key: (row) => row.key, keyType: types.string, spec },
    output,
  );
  operator.open(testContext(new TestHost(), { restored: state.length > 0 }), state);
  const pending = () => operator.snapshot(asCheckpointId(1), () => undefined);
  const take = (row: Row): Change<Row>[] => {
    operator.processElement(row, 1);
    return output.take().map((line) => JSON.parse(line.slice(0, -"@1".length)) as Change<Row>);
  };
  /** "a 3 x" in, "+a 3 x" or "-a 3 x" out. */
  const say = (text: string): string => {
    const [key = "", score = "", name = ""] = text.split(" ");
    return take({ key, score: Number(score), name })
      .map(({ op, row }) => `${op === "insert" ? "+" : "-"}${row.key} ${row.score} ${row.name}`)
      .join(", ");
  };
  return { pending, take, say };
}

describe("changes", () => {
  test("[TN2] a better row pushes out the last, a worse one does nothing", () => {
    const { say } = openTopN(2);
    expect(say("a 3 x")).toBe("+a 3 x");
    expect(say("a 1 y")).toBe("+a 1 y");
    expect(say("a 2 z")).toBe("-a 1 y, +a 2 z");
    expect(say("a 1 w")).toBe("");
    expect(say("b 0 v")).toBe("+b 0 v");
    expect(say("a 9 u")).toBe("-a 2 z, +a 9 u");
  });

  test("[TN1] rows that compare as equal rank by their bytes, whichever came first", () => {
    for (const order of [
      ["a 1 x", "a 1 y"],
      ["a 1 y", "a 1 x"],
    ]) {
      const { say } = openTopN(1);
      const said = order.map(say);
      expect(said.at(-1)).toBe(order[0] === "a 1 x" ? "" : "-a 1 y, +a 1 x");
    }
  });

  test("equal rows take a rank each", () => {
    const { say } = openTopN(3);
    for (let i = 0; i < 3; i++) expect(say("a 1 x")).toBe("+a 1 x");
    expect(say("a 1 x")).toBe("");
    expect(say("a 2 y")).toBe("-a 1 x, +a 2 y");
    expect(say("a 2 y")).toBe("-a 1 x, +a 2 y");
    expect(say("a 1 x")).toBe("");
  });

  test("[C63] a snapshot holds the rows in rank by then", () => {
    const { say, pending } = openTopN(2);
    say("a 1 x");
    say("a 2 y");
    const before = pending();
    say("a 3 z");
    const restored = openTopN(2, [stored(before)]);
    expect(restored.say("a 4 w")).toBe("-a 1 x, +a 4 w");
  });
});

test("[TN1] [TN2] at every moment the first so many of all that came, through restores", () => {
  const row = fc.record({
    key: fc.constantFrom("a", "b"),
    score: fc.integer({ min: 0, max: 4 }),
    name: fc.constantFrom("x", "y", "long name"),
  });
  const step = fc.oneof(
    { weight: 8, arbitrary: row },
    { weight: 1, arbitrary: fc.constant("restore" as const) },
  );
  const textOf = ({ key, score, name }: Row): string => `${key} ${score} ${name}`;
  // In bytes the shorter name comes first: its length stands before it.
  const better = (a: Row, b: Row): number =>
    b.score - a.score || a.name.length - b.name.length || (a.name < b.name ? -1 : 1);
  const property = fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step), (count, steps) => {
    let opened = openTopN(count);
    const came: Row[] = [];
    const table: string[] = [];
    for (const one of steps) {
      if (one === "restore") {
        opened = openTopN(count, [stored(opened.pending())]);
        continue;
      }
      came.push(one);
      for (const change of opened.take(one)) {
        if (change.op === "insert") table.push(textOf(change.row));
        else expect(table.splice(table.indexOf(textOf(change.row)), 1)).toHaveLength(1);
        expect(table.filter((text) => text.startsWith(one.key)).length).toBeLessThanOrEqual(count);
      }
      const expected = ["a", "b"].flatMap((key) =>
        came
          .filter((each) => each.key === key)
          .sort(better)
          .slice(0, count),
      );
      expect([...table].sort()).toEqual(expected.map(textOf).sort());
    }
  });
  fc.assert(property, { seed: 74, numRuns: 200 });
});

test("count and compare are checked when the job is built", () => {
  const spec = { count: 1, compare: () => 0, type: rowType as never };
  expect(checkTopN("t", spec)).toEqual([]);
  for (const count of [0, -1, 1.5, Number.NaN, Infinity]) {
    expect(checkTopN("t", { ...spec, count })).toEqual([
      `t: count is ${count}; give an integer from 1 up`,
    ]);
  }
  expect(checkTopN("t", { ...spec, compare: undefined as never })).toEqual([
    "t: compare is undefined; give a function of two rows, negative where the left one ranks first",
  ]);
});
