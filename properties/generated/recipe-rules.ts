/**
 * What is compared of a generated job's output: all of it, where it is determined; and where it depends
 * on timing, how often each input record is in it.
 */
import type { OutputView } from "../output-view.ts";
import { rowText } from "../rows.ts";
import type { Change } from "../../src/index.ts";
import type { Item } from "./item.ts";
import type { Recipe } from "./recipe.ts";
import { CHANGES_SINK } from "./step.ts";

export const viewOf = ({ mode }: Recipe): OutputView => (mode === "in-time" ? settled : provenance);

/** Rows as they are; of a changelog, what is left when all of it is carried out. */
const settled: OutputView = {
  name: "rows, and what changelogs amount to",
  of: (rows) =>
    new Map(
      [...rows].map(([sink, values]) => [
        sink,
        sink.startsWith(CHANGES_SINK) ? netOf(values as readonly Change<unknown>[]) : values,
      ]),
    ),
  monotone: false,
};

/** One row for each time that an input record went into an output row, whatever the sink. */
const provenance: OutputView = {
  name: "ids of input records",
  of: (rows) =>
    new Map([["all", [...rows.values()].flatMap((items) => idsOf(items as readonly Item[]))]]),
  monotone: true,
};

const idsOf = (items: readonly Item[]): readonly number[] => items.flatMap(({ ids }) => ids);

/** What is left of the rows when all changes are carried out, in any order; what is owed, as deletions. */
function netOf(changes: readonly Change<unknown>[]): readonly unknown[] {
  const counts = new Map<string, { row: unknown; count: number }>();
  for (const { op, row } of changes) {
    const text = rowText(row);
    const entry = counts.get(text) ?? { row, count: 0 };
    entry.count += op === "insert" ? 1 : -1;
    counts.set(text, entry);
  }
  return [...counts.values()].flatMap(({ row, count }) =>
    Array.from({ length: Math.abs(count) }, () => (count > 0 ? row : { owed: row })),
  );
}
