/**
 * Tables that keep the last row of each key.
 *
 * TB1  An epoch enters a table only when its checkpoint can no longer be lost: the metadata of that one,
 *      or of a later one, has been stored by then. Of one life of a writer epochs rise. Epochs of jobs
 *      without checkpoints carry id 0, and are exempt.
 *
 * What the table holds in the end is for EO1 and EO3 to judge, through `tableView`: the reference's rows
 * are looked at as the table that they amount to. All rows of one key have to take one path to the sink,
 * or there is no last one.
 *
 * Source: C97, C102 and C125, for targets that are read by epoch. Not here: ledgers (read-committed.ts).
 */
import { followDurable, placeOf } from "./notes.ts";
import type { OutputView } from "./output-view.ts";
import { holds, vacuous, violated, type Property } from "./property.ts";
import type { RowKey } from "./rows.ts";
import { checkpointOfMetadata } from "./store-paths.ts";

export const epochsAreDurable: Property = {
  id: "TB1",
  rule: "No epoch enters a table before its checkpoint's metadata is durable; epochs of a life rise.",
  check(history) {
    const durable = followDurable(checkpointOfMetadata);
    const newest = new Map<string, number>();
    let epochs = 0;
    for (const note of history.notes) {
      durable.follow(note);
      if (note.kind !== "table-epoch") continue;
      const { table, writer, life, epoch } = note;
      const name = `life ${life} of ${writer} in table ${table}`;
      const before = newest.get(name) ?? -1;
      if (epoch <= before) {
        return violated(`${name}: epoch ${epoch} entered behind ${before}, ${placeOf(note)}`);
      }
      newest.set(name, epoch);
      if (epoch > durable.newestEver()) {
        return violated(
          `${name}: epoch ${epoch} entered ${placeOf(note)}, when the newest metadata ever stored ` +
            `was that of ${durable.newestEver()} (0: none)`,
        );
      }
      if (epoch > 0) epochs++;
    }
    if (epochs === 0) return vacuous("no epoch entered a table for a checkpoint");
    return holds({ epochs, lives: newest.size });
  },
};

/** For EO1 and EO3: of each of these tables the last row of each key. */
export const tableView = (tables: Readonly<Record<string, RowKey>>): OutputView => ({
  name: `last rows of ${Object.keys(tables).join(", ")}`,
  of(rows) {
    const views = new Map(rows);
    for (const [table, keyOf] of Object.entries(tables)) {
      const all = rows.get(table);
      if (all === undefined) {
        const known = [...rows.keys()].join(", ");
        throw new Error(`the job writes to no table "${table}"; it writes to: ${known}`);
      }
      views.set(table, [...new Map(all.map((row) => [keyOf(row, table), row])).values()]);
    }
    return views;
  },
  monotone: false,
  tables: new Set(Object.keys(tables)),
});
