/**
 * From a table before to the same table after, as a changelog: what is gone is deleted, then what is new
 * is inserted. Rows that stay are not mentioned.
 */
import type { Change } from "../../src/index.ts";

/** A row beside a text that equal rows share. */
export type TableRow = Readonly<{ text: string; row: unknown }>;

export function asChanges(
  before: readonly TableRow[],
  after: readonly TableRow[],
): readonly Change<unknown>[] {
  const gone = without(before, after).map(({ row }) => ({ op: "delete", row }) as const);
  const come = without(after, before).map(({ row }) => ({ op: "insert", row }) as const);
  return [...gone, ...come];
}

/** Takes each of the others out once, if it is there. */
function without(rows: readonly TableRow[], others: readonly TableRow[]): TableRow[] {
  const counts = new Map<string, number>();
  for (const { text } of others) counts.set(text, (counts.get(text) ?? 0) + 1);
  return rows.filter(({ text }) => {
    const count = counts.get(text) ?? 0;
    counts.set(text, count - 1);
    return count <= 0;
  });
}
