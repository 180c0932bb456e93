import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../../core/ids.ts";
import { TestHost } from "../../host/testing.ts";
import type { OperatorSnapshot } from "../../state/operator-snapshot.ts";
import { types } from "../../types/serializers.ts";
import { RecordingOutput, stored, testContext } from "../testing.ts";
import { checkDeduplicate } from "./check-ranking.ts";
import { DeduplicateOperator } from "./deduplicate-operator.ts";
import type { DeduplicateSpec } from "./ranking-spec.ts";

type Keep = DeduplicateSpec["keep"];

/** Records are "key:rest". */
function openDeduplicate(keep: Keep, state: readonly OperatorSnapshot[] = []) {
  const output = new RecordingOutput();
  const operator = new DeduplicateOperator<string, string>(
    {
      key: (value) => value.split(":")[0]!,
      keyType: types.string,
      spec: { keep, type: types.string },
    },
    output,
  );
  operator.open(testContext(new TestHost(), { restored: state.length > 0 }), state);
  const pending = () => operator.snapshot(asCheckpointId(1), () => undefined);
  const take = (value: string, timestampMs: number): string => {
    operator.processElement(value, timestampMs);
    return output.take().join(", ");
  };
  return { pending, take };
}

const insert = (row: string, atMs: number | "-"): string =>
  `{"op":"insert","row":"${row}"}@${atMs}`;
const replace = (old: string, row: string, atMs: number | "-"): string =>
  `{"op":"delete","row":"${old}"}@${atMs}, ${insert(row, atMs)}`;

describe("first", () => {
  test("of each key the first to arrive, whatever its time", () => {
    const { take } = openDeduplicate("first");
    expect(take("a:1", 9)).toBe("a:1@9");
    expect(take("a:2", 3)).toBe("");
    expect(take("b:1", 3)).toBe("b:1@3");
    expect(take("a:1", 9)).toBe("");
  });

  test("[C63] what was seen by the snapshot is seen after it, and no more", () => {
    const { take, pending } = openDeduplicate("first");
    take("a:1", 1);
    const before = pending();
    take("b:1", 1);
    const restored = openDeduplicate("first", [stored(before)]);
    expect(restored.take("a:2", 2)).toBe("");
    expect(restored.take("b:2", 2)).toBe("b:2@2");
  });
});

describe("last", () => {
  test("[DD1] one that is not older takes the place of the one kept", () => {
    const { take } = openDeduplicate("last");
    expect(take("a:1", 5)).toBe(insert("a:1", 5));
    expect(take("a:older", 4)).toBe("");
    expect(take("a:tie", 5)).toBe(replace("a:1", "a:tie", 5));
    expect(take("b:1", 1)).toBe(insert("b:1", 1));
    expect(take("a:newer", 8)).toBe(replace("a:tie", "a:newer", 8));
    expect(take("a:between", 6)).toBe("");
  });

  test("one without a time is older than all that have one, and no older than its like", () => {
    const { take } = openDeduplicate("last");
    expect(take("a:1", -Infinity)).toBe(insert("a:1", "-"));
    expect(take("a:2", -Infinity)).toBe(replace("a:1", "a:2", "-"));
    expect(take("a:3", -7)).toBe(replace("a:2", "a:3", -7));
    expect(take("a:4", -Infinity)).toBe("");
  });

  test("[C63] the one kept is restored with its time", () => {
    const { take, pending } = openDeduplicate("last");
    take("a:1", 5);
    const before = pending();
    take("a:2", 9);
    const restored = openDeduplicate("last", [stored(before)]);
    expect(restored.take("a:3", 4)).toBe("");
    expect(restored.take("a:4", 6)).toBe(replace("a:1", "a:4", 6));
  });

  test("[DD1] at every moment there is one row for each key: the last, through restores", () => {
    const record = fc.record({ key: fc.constantFrom("a", "b", "c"), atMs: fc.nat({ max: 20 }) });
    const step = fc.oneof(
      { weight: 6, arbitrary: record },
      { weight: 1, arbitrary: fc.constant("restore" as const) },
    );
    const property = fc.property(fc.array(step), (steps) => {
      let opened = openDeduplicate("last");
      const expected = new Map<string, { row: string; atMs: number }>();
      const table = new Map<string, number>();
      steps.forEach((one, i) => {
        if (one === "restore") {
          opened = openDeduplicate("last", [stored(opened.pending())]);
          return;
        }
        const { key, atMs } = one;
        const row = `${key}:${i}`;
        if (atMs >= (expected.get(key)?.atMs ?? 0)) expected.set(key, { row, atMs });
        const said = opened.take(row, atMs);
        for (const [, op, changed] of said.matchAll(/"op":"(\w+)","row":"([^"]+)"/g)) {
          const count = (table.get(changed!) ?? 0) + (op === "insert" ? 1 : -1);
          if (count === 0) table.delete(changed!);
          else table.set(changed!, count);
        }
        expect([...table].sort()).toEqual(
          [...expected.values()].map((kept) => [kept.row, 1] as const).sort(),
        );
      });
    });
    fc.assert(property, { seed: 73, numRuns: 100 });
  });
});

test("what to keep is checked when the job is built", () => {
  expect(checkDeduplicate("d", { keep: "last", type: types.string as never })).toEqual([]);
  expect(checkDeduplicate("d", { keep: "best" as Keep, type: types.string as never })).toEqual([
    'd: keep is best; give "first" or "last"',
  ]);
});
