/**
 * In how many ways one job may be run, and come to the same: the factors of the matrix.
 *
 * A cell is a recipe: plain data, drawn by a seed, kept in a plan.
 */
import type { Random } from "../../src/index.ts";
import type { Recipe } from "../../sim/plan.ts";
import { coveringRows, type CellOf } from "./covering.ts";

export const FACTORS = {
  faults: ["none", "some"],
  barriers: ["aligned", "unaligned", "overtaking-late"],
  backend: ["memory", "disk", "changelog", "remote"],
  files: ["full", "incremental"],
  parallelism: ["stays", "grows", "shrinks"],
  interval: ["short", "long"],
} as const;

export type Cell = CellOf<typeof FACTORS>;

/** Every two levels of two factors stand together in one of these. */
export const cells = (): readonly Cell[] => coveringRows(FACTORS);

export const drawCell = (random: Random): Cell => random.pick(cells());

/** @throws Error naming the factor that a recipe written by hand has no level of */
export function cellOf(recipe: Recipe): Cell {
  for (const [name, levels] of Object.entries(FACTORS)) {
    if ((levels as readonly unknown[]).includes(recipe[name])) continue;
    throw new Error(
      `the matrix has no ${name} "${String(recipe[name])}"; expected one of ${levels.join(", ")}`,
    );
  }
  return recipe as Cell;
}

/** The plainest first; each is one step towards it. */
export function simplerCells(cell: Cell): readonly Cell[] {
  return Object.entries(FACTORS).flatMap(([name, [plainest]]) =>
    cell[name as keyof Cell] === plainest ? [] : [{ ...cell, [name]: plainest }],
  );
}
