/** The twins of joins, folds and rankings, by small examples worked out by hand. */
import { describe, expect, test } from "vitest";
import { outputTag, types, type NodeLogic, type TypeSerializer } from "../../src/index.ts";
import { foldChanges } from "../changelog.ts";
import { jobOf, sinkOf, sourceOf } from "../testing.ts";
import { createTwin } from "./twins.ts";

const erasedText = types.string as TypeSerializer<unknown>;
const keyOf = (value: unknown): string => String(value).split(":")[0]!;
const byKey = { key: keyOf, keyType: erasedText } as const;

/** What a twin emits, record by record: "value@time", or "tag!value@time". */
function twinOf(logic: NodeLogic) {
  const node = jobOf([sourceOf("in"), { logic, from: [0] }, sinkOf("out", 1)]).nodes[1]!;
  const clock = { watermarkMs: Number.NEGATIVE_INFINITY };
  const said: string[] = [];
  const rows: unknown[] = [];
  const textOf = (value: unknown): string =>
    typeof value === "string" ? value : JSON.stringify(value);
  const twin = createTwin({
    node,
    clocks: { processingTimeMs: () => 0, watermarkMs: () => clock.watermarkMs },
    emit: (value, timestampMs) => {
      rows.push(value);
      said.push(`${textOf(value)}@${timestampMs}`);
    },
    emitSide: (tag, value, timestampMs) => said.push(`${tag}!${textOf(value)}@${timestampMs}`),
  });
  const take = (input: 0 | 1, value: unknown, timestampMs: number): string => {
    twin.receive(input, value, timestampMs);
    return said.splice(0).join(", ");
  };
  return { clock, rows, take };
}

const insert = (row: string) => ({ op: "insert", row }) as const;
const remove = (row: string) => ({ op: "delete", row }) as const;

test("an interval join finds pairs by key and time, and tells late records", () => {
  const { take, clock } = twinOf({
    kind: "interval-join",
    keys: [keyOf, keyOf],
    keyType: erasedText,
    spec: {
      ...{ lowerMs: -2, upperMs: 5, lowerExclusive: false, upperExclusive: true },
      types: [erasedText, erasedText],
      join: (left, right, out) => out.collect(`${String(left)}+${String(right)}`),
      lateLeft: outputTag("late", erasedText),
    },
  });
  expect(take(0, "a:L", 10)).toBe("");
  expect(take(1, "a:7", 7)).toBe("");
  expect(take(1, "a:8", 8)).toBe("a:L+a:8@10");
  expect(take(1, "a:14", 14)).toBe("a:L+a:14@14");
  expect(take(1, "a:15", 15)).toBe("");
  expect(take(1, "b:10", 10)).toBe("");
  clock.watermarkMs = 14;
  expect(take(0, "a:late", 14)).toBe("late!a:late@14");
  expect(take(1, "a:late", 9)).toBe("");
  expect(take(0, "a:M", 16)).toBe("a:M+a:14@16, a:M+a:15@16");
});

describe("a join of tables", () => {
  const changeKey = (value: unknown): string => keyOf((value as { row: string }).row);
  const join = (kind: "inner" | "left" | "right" | "full") =>
    twinOf({
      kind: "join",
      keys: [changeKey, changeKey],
      keyType: erasedText,
      spec: { kind, types: [erasedText, erasedText] },
    });

  test.each([
    ["inner", [{ left: "a:1", right: "a:2" }]],
    [
      "left",
      [
        { left: "a:1", right: "a:2" },
        { left: "b:1", right: undefined },
      ],
    ],
    [
      "right",
      [
        { left: "a:1", right: "a:2" },
        { left: undefined, right: "c:1" },
      ],
    ],
    [
      "full",
      [
        { left: "a:1", right: "a:2" },
        { left: "b:1", right: undefined },
        { left: undefined, right: "c:1" },
      ],
    ],
  ] as const)("that is %s has the rows it should have", (kind, expected) => {
    const { take, rows } = join(kind);
    take(0, insert("a:1"), 1);
    take(0, insert("b:1"), 1);
    take(1, insert("a:2"), 1);
    take(1, insert("c:1"), 1);
    take(1, insert("b:9"), 1);
    take(1, remove("b:9"), 1);
    const folded = foldChanges(rows);
    if (!folded.ok) throw new Error(folded.error);
    const order = (row: unknown): string => JSON.stringify(row);
    expect(folded.value.map(({ value }) => order(value)).sort()).toEqual(
      expected.map(order).sort(),
    );
  });

  test("refuses to delete what was never there", () => {
    const { take } = join("full");
    take(1, insert("a:1"), 1);
    expect(() => take(0, remove("a:1"), 1)).toThrow(
      'operator "node-1" is to delete a row that was never inserted',
    );
  });
});

test("a fold goes out after every record, and what goes out is not what stays", () => {
  const rowType = types.generic<{ k: string; n: number }>() as TypeSerializer<unknown>;
  const { take, rows } = twinOf({
    kind: "reduce",
    key: (value) => (value as { k: string }).k,
    keyType: erasedText,
    type: rowType,
    reduce: (left, right) => {
      (left as { n: number }).n += (right as { n: number }).n;
      return left;
    },
  });
  expect(take(0, { k: "a", n: 1 }, 4)).toBe('{"k":"a","n":1}@4');
  expect(take(0, { k: "b", n: 5 }, 5)).toBe('{"k":"b","n":5}@5');
  expect(take(0, { k: "a", n: 2 }, 3)).toBe('{"k":"a","n":3}@3');
  expect(rows[0]).toEqual({ k: "a", n: 1 });
});

test("of each key the first to arrive, or a changelog of the last by event time", () => {
  const first = twinOf({
    kind: "deduplicate",
    ...byKey,
    spec: { keep: "first", type: erasedText },
  });
  expect([first.take(0, "a:1", 9), first.take(0, "a:2", 3), first.take(0, "b:1", 1)]).toEqual([
    "a:1@9",
    "",
    "b:1@1",
  ]);
  const last = twinOf({ kind: "deduplicate", ...byKey, spec: { keep: "last", type: erasedText } });
  expect(last.take(0, "a:1", 5)).toBe('{"op":"insert","row":"a:1"}@5');
  expect(last.take(0, "a:2", 4)).toBe("");
  expect(last.take(0, "a:3", 5)).toBe(
    '{"op":"delete","row":"a:1"}@5, {"op":"insert","row":"a:3"}@5',
  );
});

test("the first so many rows of each key by rank, equal ones counted, ties by bytes", () => {
  const { take } = twinOf({
    kind: "top-n",
    ...byKey,
    spec: {
      count: 2,
      type: erasedText,
      compare: (left, right) => String(left).length - String(right).length,
    },
  });
  expect(take(0, "a:xx", 1)).toBe('{"op":"insert","row":"a:xx"}@1');
  expect(take(0, "a:y", 1)).toBe('{"op":"insert","row":"a:y"}@1');
  expect(take(0, "a:z", 1)).toBe('{"op":"delete","row":"a:xx"}@1, {"op":"insert","row":"a:z"}@1');
  expect(take(0, "a:y", 1)).toBe('{"op":"delete","row":"a:z"}@1, {"op":"insert","row":"a:y"}@1');
  expect(take(0, "a:y", 1)).toBe("");
  expect(take(0, "b:long", 1)).toBe('{"op":"insert","row":"b:long"}@1');
});
