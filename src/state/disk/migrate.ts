/**
 * Writes what was stored for a state anew, where it was stored under other types or packed.
 *
 * A few entries at a time, so that state which does not fit into memory can be migrated too.
 */
import type { ByteReader } from "../../core/bytes.ts";
import type { ReadStored } from "../column.ts";
import { headerText, sameType } from "../key-group-format.ts";
import type { Entry } from "../lsm/entry.ts";
import { isWithin } from "../lsm/entry.ts";
import type { LsmTree } from "../lsm/lsm-tree.ts";
import { isOfState, nameBytes, readWhole } from "./lsm-scope.ts";
import { afterKey } from "./lsm-table.ts";
import type { LsmTable } from "./lsm-table.ts";
import { boundsOf } from "./native-form.ts";
import type { PartRange } from "./stored-parts.ts";

const ENTRIES_AT_ONCE = 1_000;

/** @throws StateIncompatibleError when what was stored cannot become what the table holds */
export function migrate(tree: LsmTree, table: LsmTable, parts: readonly PartRange[]): void {
  for (const part of parts) {
    if (sameType(part.header, table.header) && !part.isPacked) continue;
    migratePart(tree, table, part);
  }
}

function migratePart(tree: LsmTree, table: LsmTable, part: PartRange): void {
  const name = nameBytes(table.header.name);
  const bounds = boundsOf(part);
  const what = `state "${part.header.name}" of type ${headerText(part.header)}`;
  let reader: ReadStored<unknown> | undefined;
  const rewrite = (entry: Entry): void => {
    const { key, prefix, value } = entry;
    // A state without an entry may have been of any type.
    reader ??= table.readerOf(part.header);
    const read = reader;
    if (!part.isPacked) {
      table.rewrite(entry, read);
      return;
    }
    tree.delete(key, prefix);
    readWhole(value!, what, (payload: ByteReader) => {
      table.absorb(key.slice(0, prefix), payload, read);
    });
  };
  let { from } = bounds;
  while (from !== undefined) {
    const found: Entry[] = [];
    const cursor = tree.cursor(from);
    from = undefined;
    for (let entry = cursor.next(); entry !== undefined; entry = cursor.next()) {
      if (!isWithin(entry.key, bounds)) break;
      if (!isOfState(entry, name)) continue;
      found.push(entry);
      if (found.length < ENTRIES_AT_ONCE) continue;
      from = afterKey(entry.key);
      break;
    }
    for (const entry of found) rewrite(entry);
  }
}
