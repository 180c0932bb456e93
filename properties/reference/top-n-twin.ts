/** The first so many rows of each key: all of them are kept, and sorted anew for every record. */
import { asChanges, type TableRow } from "./as-changes.ts";
import { keyText } from "./key-text.ts";
import type { LogicOf, Twin, TwinContext } from "./twin.ts";

export function createTopNTwin(
  { key, keyType, spec }: LogicOf<"top-n">,
  { emit }: TwinContext,
): Twin {
  const byRank = (a: TableRow, b: TableRow): number =>
    spec.compare(a.row, b.row) || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0);
  const rowsOf = new Map<string, readonly TableRow[]>();
  return {
    receive(_input, row, timestampMs) {
      const text = keyText(keyType, key(row));
      const before = rowsOf.get(text) ?? [];
      const after = [...before, { text: keyText(spec.type, row), row }].sort(byRank);
      rowsOf.set(text, after);
      const changes = asChanges(before.slice(0, spec.count), after.slice(0, spec.count));
      for (const change of changes) emit(change, timestampMs);
    },
  };
}
