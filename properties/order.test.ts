import { expect, test } from "vitest";
import { committedPrefix, inOrderPerKey } from "./order.ts";
import { rowsAsTheyAre } from "./output-view.ts";
import { tableView } from "./tables.ts";
import { historyOf, inputOf, rowsOf } from "./testing.ts";

const input = inputOf({ in: [["a1", "b1", "a2", "b2"]] });
const firstLetter = (value: unknown): string => String(value).slice(0, 1);
const inOrder = inOrderPerKey(firstLetter);
const prefix = committedPrefix(firstLetter);
const cancelled = { input, outcome: "cancelled" } as const;

test("[EO2] accepts rows whose keys interleave in another way", () => {
  const history = historyOf({ input, committed: rowsOf({ out: ["b1", "a1", "b2", "a2"] }) });
  expect(inOrder.check(history)).toEqual({ verdict: "holds", evidence: { rows: 4, keys: 2 } });
});

test("[EO2] rejects two rows of a key the wrong way round", () => {
  const history = historyOf({ input, committed: rowsOf({ out: ["a2", "a1", "b1", "b2"] }) });
  expect(inOrder.check(history)).toEqual({
    verdict: "violated",
    detail: 'out: key a, row 0: expected "a1", committed "a2"',
  });
});

test("[EO2] is vacuous where no key has two rows", () => {
  const history = historyOf({ input, committed: rowsOf({ out: ["b1", "a1"] }) });
  expect(inOrder.check(history)).toMatchObject({ verdict: "vacuous" });
});

test("[EO4] judges a job that was stopped like one that was cancelled", () => {
  const rows = (out: readonly string[]) =>
    historyOf({ input, outcome: "stopped", committed: rowsOf({ out }) });
  expect(prefix.check(rows(["b1", "a1"]))).toMatchObject({ verdict: "holds" });
  expect(prefix.check(rows(["b2", "a1"]))).toMatchObject({ verdict: "violated" });
  expect(inOrder.check(rows(["b2", "b1"]))).toMatchObject({ verdict: "vacuous" });
});

test("[EO4] accepts the first rows of each key", () => {
  const history = historyOf({ ...cancelled, committed: rowsOf({ out: ["b1", "b2", "a1"] }) });
  expect(prefix.check(history)).toEqual({ verdict: "holds", evidence: { rows: 3, keys: 2 } });
});

test("[EO4] judges a job that has failed as well, and EO2 does not", () => {
  const history = historyOf({ input, outcome: "failed", committed: rowsOf({ out: ["a1"] }) });
  expect(prefix.check(history)).toMatchObject({ verdict: "holds" });
  expect(inOrder.check(history)).toMatchObject({ verdict: "vacuous" });
});

test("[EO4] rejects a gap, a row twice, and a row from nowhere", () => {
  for (const rows of [["a2"], ["a1", "a1"], ["c1"]]) {
    const history = historyOf({ ...cancelled, committed: rowsOf({ out: rows }) });
    expect(prefix.check(history)).toMatchObject({ verdict: "violated" });
  }
});

test("[EO4] without a row key still rejects a row that is there too often", () => {
  const any = committedPrefix();
  const fine = historyOf({ ...cancelled, committed: rowsOf({ out: ["a2", "b1"] }) });
  expect(any.check(fine)).toMatchObject({ verdict: "holds" });
  const twice = historyOf({ ...cancelled, committed: rowsOf({ out: ["a2", "a2"] }) });
  expect(any.check(twice)).toMatchObject({ verdict: "violated" });
});

test("[EO4] is vacuous for a job that ended by itself, or committed nothing", () => {
  expect(prefix.check(historyOf({ input }))).toMatchObject({ verdict: "vacuous" });
  expect(prefix.check(historyOf(cancelled))).toMatchObject({ verdict: "vacuous" });
});

test("[EO4] of a table asks for rows that it is given at some time, whichever they are", () => {
  const view = tableView({ out: firstLetter });
  const table = committedPrefix(firstLetter, view);
  const rows = (out: readonly string[]) => historyOf({ ...cancelled, committed: rowsOf({ out }) });
  expect(prefix.check(rows(["a2", "b1"]))).toMatchObject({ verdict: "violated" });
  expect(table.check(rows(["a2", "b1"]))).toMatchObject({
    verdict: "holds",
    evidence: { rows: 2 },
  });
  expect(table.check(rows(["a2", "c1"]))).toEqual({
    verdict: "violated",
    detail: 'out: "c1" is no row that the table is ever given',
  });
  expect(table.check(rows([]))).toMatchObject({ verdict: "vacuous" });
});

test("[EO4] beside a table judges other sinks as ever, and says nothing of what amounts to something", () => {
  const beside = committedPrefix(firstLetter, { ...tableView({}), tables: new Set(["other"]) });
  const gap = historyOf({ ...cancelled, committed: rowsOf({ out: ["a2"] }) });
  expect(beside.check(gap)).toMatchObject({ verdict: "violated" });
  const amounts = committedPrefix(firstLetter, { ...rowsAsTheyAre, monotone: false });
  expect(amounts.check(gap)).toMatchObject({ verdict: "vacuous" });
});
