import { describe, expect, test } from "vitest";
import { changelogOutput, changelogView, foldChanges } from "./changelog.ts";
import { historyOf, inputOf, restart, rowsOf } from "./testing.ts";

const insert = (row: unknown) => ({ op: "insert", row });
const remove = (row: unknown) => ({ op: "delete", row });

describe("a changelog", () => {
  test("amounts to what is left, each row as often as it is there", () => {
    const folded = foldChanges([
      insert({ a: 1, b: 2 }),
      insert({ b: 2, a: 1 }),
      insert("x"),
      remove("x"),
      insert("x"),
    ]);
    expect(folded).toMatchObject({
      ok: true,
      value: [{ text: "{a: 1, b: 2}" }, { text: "{a: 1, b: 2}" }, { text: '"x"' }],
    });
  });

  test("that deletes what is not there is wrong from there on, even if it comes later", () => {
    expect(foldChanges([insert("x"), remove("y"), insert("y")])).toEqual({
      ok: false,
      error: 'change 1 deletes "y", which is not there',
    });
    expect(foldChanges([insert("x"), remove("x"), remove("x")])).toMatchObject({ ok: false });
  });

  test("holds changes, and nothing else", () => {
    for (const row of [{ a: 1 }, "insert", null, undefined]) {
      expect(() => foldChanges([insert(1), row])).toThrow("row 1 is no change");
    }
  });
});

/** By the reference the table is a, b, b. */
const input = inputOf({ in: [[insert("a"), insert("c"), insert("b"), remove("c"), insert("b")]] });
const restarted = [...restart(65_537, 0), ...restart(65_538, 4)];
const rule = changelogOutput(["out"]);
const verdictOf = (changes: readonly unknown[], parts = {}) =>
  rule.check(historyOf({ input, notes: restarted, committed: rowsOf({ out: changes }), ...parts }));

const GOOD = [insert("b"), insert("z"), insert("b"), remove("z"), insert("a")];

test("[EO5] [C125] accepts other changes that amount to the same table", () => {
  expect(verdictOf(GOOD)).toEqual({ verdict: "holds", evidence: { restores: 1, changes: 5 } });
});

test("[EO5] rejects a table that is not the reference's", () => {
  expect(verdictOf([...GOOD, insert("a")])).toEqual({
    verdict: "violated",
    detail: '0 rows missing, 1 too many: out: "a" expected 1, committed 2',
  });
  expect(verdictOf([...GOOD, remove("b")])).toMatchObject({ verdict: "violated" });
  expect(verdictOf([])).toMatchObject({ verdict: "violated" });
});

test("[EO5] rejects a delete before its insert, however the job ended", () => {
  const early = [remove("a"), ...GOOD, insert("a")];
  for (const outcome of ["finished", "cancelled", "stuck"] as const) {
    expect(verdictOf(early, { outcome })).toEqual({
      verdict: "violated",
      detail: 'out: change 0 deletes "a", which is not there',
    });
  }
});

test("[EO5] is vacuous for a job that did not end, without a restore, without changes", () => {
  for (const outcome of ["cancelled", "stuck", "failed"] as const) {
    expect(verdictOf([], { outcome })).toMatchObject({ verdict: "vacuous" });
  }
  expect(verdictOf(GOOD, { notes: restart(65_537, 0) })).toMatchObject({ verdict: "vacuous" });
  expect(verdictOf([], { input: inputOf({ in: [[]] }) })).toMatchObject({ verdict: "vacuous" });
});

test("[EO5] a sink that the job lacks is the story's mistake", () => {
  expect(() => changelogOutput(["oot"]).check(historyOf({ input }))).toThrow(
    'sink "oot", which the job does not have; it has: out',
  );
});

test("through the view a changelog is its table, and other sinks are as they are", () => {
  const view = changelogView(["table", "wrong", "absent"]);
  const wrong = [remove("x")];
  const rows = new Map([
    ["table", [insert("a"), insert("b"), remove("a")]],
    ["other", ["row"]],
    ["wrong", wrong],
  ]);
  expect([...view.of(rows)]).toEqual([
    ["table", ["b"]],
    ["other", ["row"]],
    ["wrong", wrong],
    ["absent", []],
  ]);
  expect(view.monotone).toBe(false);
});
