import { expect, test } from "vitest";
import { cellOf, cells, FACTORS, simplerCells } from "./cells.ts";
import { coveringRows, pairsIn, pairsOf } from "./covering.ts";

const size = (factors: Readonly<Record<string, readonly string[]>>): number =>
  Object.values(factors).reduce((product, levels) => product * levels.length, 1);

test("[MC1] every pair of levels of the matrix stands in a row, and rows are few", () => {
  const names = Object.keys(FACTORS);
  const rows = cells();
  expect(new Set(rows.flatMap((row) => pairsIn(row, names)))).toEqual(pairsOf(FACTORS));
  expect(size(FACTORS)).toBe(288);
  expect(rows.length).toBeLessThanOrEqual(15);
});

test("[MC1] holds for other factors as well", () => {
  const factors = { a: ["1"], b: ["1", "2"], c: ["1", "2", "3", "4"], d: ["1", "2", "3"] };
  const rows = coveringRows(factors);
  const covered = new Set(rows.flatMap((row) => pairsIn(row, Object.keys(factors))));
  expect(covered).toEqual(pairsOf(factors));
  expect(pairsOf(factors).size).toBe(2 + 4 + 3 + 8 + 6 + 12);
});

test("[MC2] the same factors give the same rows", () => {
  expect(cells()).toEqual(cells());
});

test("a cell written by hand has a level of each factor, and becomes plainer one by one", () => {
  const [cell] = cells();
  expect(cellOf({ ...cell })).toEqual(cell);
  expect(() => cellOf({ ...cell, backend: "paper" })).toThrow(
    'no backend "paper"; expected one of',
  );
  const plainest = Object.fromEntries(
    Object.entries(FACTORS).map(([name, [first]]) => [name, first]),
  );
  expect(simplerCells(cellOf(plainest))).toEqual([]);
  expect(simplerCells(cellOf({ ...plainest, backend: "disk" }))).toEqual([plainest]);
});
