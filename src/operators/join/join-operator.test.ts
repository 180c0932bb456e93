import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../../core/ids.ts";
import { TestHost } from "../../host/testing.ts";
import type { OperatorSnapshot } from "../../state/operator-snapshot.ts";
import { types } from "../../types/serializers.ts";
import type { Output } from "../operator.ts";
import { RecordingOutput, stored, testContext } from "../testing.ts";
import { JoinOperator } from "./join-operator.ts";
import type { Change, Joined, JoinKind, JoinSpec } from "./join-spec.ts";

/** Rows are "key:n"; they match on `n` where a test says so. */
type Spec = JoinSpec<string, string>;
const keyOf = (row: string): string => row.split(":")[0]!;
const numberOf = (row: string): number => Number(row.split(":")[1]);

/** "+l&r", "-l&_". */
class ChangesOutput extends RecordingOutput implements Output<unknown> {
  override emit(value: unknown, timestampMs: number): void {
    const { op, row } = value as Change<Joined<string, string>>;
    const { left = "_", right = "_" } = row;
    this.lines.push(`${op === "insert" ? "+" : "-"}${left}&${right}@${timestampMs}`);
  }
}

function openJoin(
  kind: JoinKind,
  on: Spec["on"] = undefined,
  state: readonly OperatorSnapshot[] = [],
) {
  const output = new ChangesOutput();
  const key = ({ row }: Change<string>): string => keyOf(row);
  const operator = new JoinOperator<string, string, string>(
    {
      keys: [key, key],
      keyType: types.string,
      spec: { kind, on, types: [types.string, types.string] },
    },
    output,
  );
  operator.open(testContext(new TestHost(), { restored: state.length > 0 }), state);
  const pending = () => operator.snapshot(asCheckpointId(1), () => undefined);
  /** "L+a:1": the left side inserts a:1. */
  const take = (event: string): string[] => {
    const change = { op: event[1] === "+" ? "insert" : "delete", row: event.slice(2) } as const;
    if (event[0] === "L") operator.processElement(change, 7);
    else operator.processSecond(change, 7);
    return output.take().map((line) => line.slice(0, -"@7".length));
  };
  return { operator, output, pending, take };
}

function transcript(
  kind: JoinKind,
  lines: readonly (readonly [string, string])[],
  on?: Spec["on"],
): void {
  const { take } = openJoin(kind, on);
  for (const [event, expected] of lines) {
    expect([event, take(event).join(" ")]).toEqual([event, expected]);
  }
}

describe("an inner join", () => {
  test("[TJ1] puts a pair out with its second row, and takes it back with either", () => {
    transcript("inner", [
      ["L+a:1", ""],
      ["R+b:1", ""],
      ["R+a:2", "+a:1&a:2"],
      ["R+a:3", "+a:1&a:3"],
      ["R-a:2", "-a:1&a:2"],
      ["L-a:1", "-a:1&a:3"],
      ["L+a:4", "+a:4&a:3"],
    ]);
  });

  test("[TJ1] counts equal rows", () => {
    transcript("inner", [
      ["L+a:1", ""],
      ["L+a:1", ""],
      ["R+a:2", "+a:1&a:2 +a:1&a:2"],
      ["R+a:2", "+a:1&a:2 +a:1&a:2"],
      ["L-a:1", "-a:1&a:2 -a:1&a:2"],
      ["R-a:2", "-a:1&a:2"],
    ]);
  });
});

describe("an outer join", () => {
  test("[TJ2] a row stands alone until its first match, and again after its last", () => {
    transcript("left", [
      ["L+a:1", "+a:1&_"],
      ["R+a:2", "-a:1&_ +a:1&a:2"],
      ["R+a:3", "+a:1&a:3"],
      ["R-a:2", "-a:1&a:2"],
      ["R-a:3", "-a:1&a:3 +a:1&_"],
      ["L-a:1", "-a:1&_"],
      ["R+a:4", ""],
      ["L+a:5", "+a:5&a:4"],
      ["L-a:5", "-a:5&a:4"],
    ]);
  });

  test("[TJ2] both sides stand alone in a full join, and each as often as it is there", () => {
    transcript("full", [
      ["R+a:1", "+_&a:1"],
      ["R+a:1", "+_&a:1"],
      ["L+a:2", "-_&a:1 -_&a:1 +a:2&a:1 +a:2&a:1"],
      ["R-a:1", "-a:2&a:1"],
      ["L-a:2", "-a:2&a:1 +_&a:1"],
      ["R-a:1", "-_&a:1"],
    ]);
  });

  test("[TJ3] a row that nothing matches stands alone, however many rows the other side has", () => {
    transcript(
      "right",
      [
        ["L+a:1", ""],
        ["R+a:2", "+_&a:2"],
        ["L+a:2", "-_&a:2 +a:2&a:2"],
        ["L-a:2", "-a:2&a:2 +_&a:2"],
        ["R-a:2", "-_&a:2"],
      ],
      (left, right) => numberOf(left) === numberOf(right),
    );
  });

  test("[TJ3] [C63] how many match is part of the snapshot", () => {
    const { take, pending } = openJoin("left");
    for (const event of ["L+a:1", "R+a:2", "R+a:3"]) take(event);
    const before = pending();
    take("R-a:2");
    take("R-a:3");
    const restored = openJoin("left", undefined, [stored(before)]);
    expect(restored.take("R-a:2")).toEqual(["-a:1&a:2"]);
    expect(restored.take("R-a:3")).toEqual(["-a:1&a:3", "+a:1&_"]);
  });
});

describe("what is no changelog", () => {
  test("fails the task, and names the row and its side", () => {
    const { take } = openJoin("inner");
    take("L+a:1");
    take("L-a:1");
    expect(() => take("L-a:1")).toThrow(
      /operator "op" failed on .*: Error: the left input deletes "a:1", which it has not inserted/,
    );
    expect(() => take("R-b:1")).toThrow('the right input deletes "b:1"');
  });
});

test("state is gone with the last row", () => {
  const { take, pending } = openJoin("full");
  for (const event of ["L+a:1", "R+a:2", "L-a:1", "R-a:2"]) take(event);
  expect(stored(pending()).keyed).toEqual([]);
});

/** The join, from two lists of rows. */
function joined(kind: JoinKind, on: Spec["on"], lefts: string[], rights: string[]): string[] {
  const matches = (left: string, right: string): boolean =>
    keyOf(left) === keyOf(right) && (on === undefined || on(left, right));
  const rows: string[] = [];
  for (const left of lefts) {
    const partners = rights.filter((right) => matches(left, right));
    rows.push(...partners.map((right) => `${left}&${right}`));
    if (partners.length === 0 && (kind === "left" || kind === "full")) rows.push(`${left}&_`);
  }
  if (kind === "right" || kind === "full") {
    const alone = rights.filter((right) => !lefts.some((left) => matches(left, right)));
    rows.push(...alone.map((right) => `_&${right}`));
  }
  return rows.sort();
}

test("[TJ1] [TJ2] [C63] at every moment the join of what was carried out, through restores", () => {
  const row = fc.tuple(fc.constantFrom("a", "b"), fc.nat({ max: 2 })).map(([k, n]) => `${k}:${n}`);
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.tuple(fc.constantFrom("L", "R"), fc.boolean(), row) },
    { weight: 1, arbitrary: fc.constant("restore" as const) },
  );
  const kinds = fc.constantFrom<JoinKind>("inner", "left", "right", "full");
  const conditions = fc.constantFrom<Spec["on"]>(
    undefined,
    (left, right) => numberOf(left) === numberOf(right),
    (left, right) => numberOf(left) < numberOf(right),
  );
  const steps = fc.array(step, { maxLength: 40 });
  const property = fc.property(kinds, conditions, steps, (kind, on, events) => {
    let opened = openJoin(kind, on);
    const sides: Record<string, string[]> = { L: [], R: [] };
    const table: string[] = [];
    for (const one of events) {
      if (one === "restore") {
        opened = openJoin(kind, on, [stored(opened.pending())]);
        continue;
      }
      const [side, wantsDelete, value] = one;
      const rows = sides[side]!;
      const deletes = wantsDelete && rows.includes(value);
      if (deletes) rows.splice(rows.indexOf(value), 1);
      else rows.push(value);
      for (const change of opened.take(`${side}${deletes ? "-" : "+"}${value}`)) {
        const text = change.slice(1);
        if (change.startsWith("+")) table.push(text);
        else {
          expect(table).toContain(text);
          table.splice(table.indexOf(text), 1);
        }
      }
      expect([...table].sort()).toEqual(joined(kind, on, sides.L!, sides.R!));
    }
  });
  fc.assert(property, { seed: 75, numRuns: 400 });
});
