import { expect, test } from "vitest";
import type { Input } from "../sim/history.ts";
import { batchEvaluation } from "./batch-evaluation.ts";
import { changelogView } from "./changelog.ts";
import { historyOf, inputOf, restart, rowsOf } from "./testing.ts";

const restarted = [...restart(65_537, 0), ...restart(65_538, 4)];
const input = inputOf({ in: [["a", "bb"], ["ccc"]] });

/** The query: how long is each word? The job of these histories copies, so the reference disagrees. */
const lengths = (of: Input) =>
  new Map([["out", (of.get("in") ?? []).flat().map(({ value }) => String(value).length)]]);

test("[NX1] accepts the rows of the query in any order, whatever the job's reference says", () => {
  const history = historyOf({ input, notes: restarted, committed: rowsOf({ out: [3, 1, 2] }) });
  expect(batchEvaluation(lengths).check(history)).toEqual({
    verdict: "holds",
    evidence: { restores: 1, records: 3 },
  });
});

test("[NX1] rejects a row twice, a row lost and a wrong one, whether restored or not", () => {
  for (const notes of [restarted, []]) {
    const verdictOn = (out: readonly number[]) =>
      batchEvaluation(lengths).check(historyOf({ input, notes, committed: rowsOf({ out }) }));
    expect(verdictOn([1, 2, 3, 3])).toEqual({
      verdict: "violated",
      detail: "0 rows missing, 1 too many: out: 3 expected 1, committed 2",
    });
    expect(verdictOn([1, 2])).toMatchObject({ verdict: "violated" });
    expect(verdictOn([1, 2, 4])).toMatchObject({ verdict: "violated" });
  }
});

test("[NX1] rejects rows of a sink that the query does not know", () => {
  const committed = rowsOf({ out: [1, 2, 3], other: [0] });
  expect(batchEvaluation(lengths).check(historyOf({ input, committed }))).toMatchObject({
    verdict: "violated",
  });
});

test("[NX1] is vacuous where nothing was restored, and where the query has no rows", () => {
  const undisturbed = historyOf({
    input,
    notes: restart(65_537, 0),
    committed: rowsOf({ out: [1, 2, 3] }),
  });
  expect(batchEvaluation(lengths).check(undisturbed)).toMatchObject({ verdict: "vacuous" });
  expect(batchEvaluation(lengths).check(historyOf({ notes: restarted }))).toMatchObject({
    verdict: "vacuous",
  });
});

test("[NX1] of a job that did not end, rejects what is too many and forgives what is missing", () => {
  const stuck = (out: readonly number[]) =>
    historyOf({ input, notes: restarted, outcome: "stuck", committed: rowsOf({ out }) });
  expect(batchEvaluation(lengths).check(stuck([1]))).toMatchObject({ verdict: "vacuous" });
  expect(batchEvaluation(lengths).check(stuck([1, 1]))).toMatchObject({ verdict: "violated" });
  const cancelled = historyOf({ input, outcome: "cancelled", committed: rowsOf({ out: [1, 1] }) });
  expect(batchEvaluation(lengths).check(cancelled)).toMatchObject({ verdict: "vacuous" });
});

test("[NX1] compares a changelog by the table it amounts to, once it is complete", () => {
  const rule = batchEvaluation(lengths, changelogView(["out"]));
  const insert = (row: number) => ({ op: "insert", row });
  const changes = [insert(1), insert(7), insert(2), { op: "delete", row: 7 }, insert(3)];
  const parts = { input, notes: restarted } as const;
  expect(rule.check(historyOf({ ...parts, committed: rowsOf({ out: changes }) }))).toMatchObject({
    verdict: "holds",
  });
  const early = rowsOf({ out: changes.slice(0, 3) });
  expect(rule.check(historyOf({ ...parts, committed: early }))).toMatchObject({
    verdict: "violated",
  });
  const stuck = historyOf({ ...parts, outcome: "stuck", committed: early });
  expect(rule.check(stuck)).toMatchObject({ verdict: "vacuous" });
});
