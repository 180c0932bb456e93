/**
 * What readers of the ledger may see, and when.
 *
 * RC1  A reader sees rows of committed transactions only.
 * RC2  A transaction is committed only once a checkpoint that contains it can no longer be lost:
 *      the metadata of its checkpoint, or of a later one, has been stored by then. Transactions of
 *      jobs without checkpoints carry id 0, and are exempt.
 *
 * Source: RC1: C96, C99; RC2: C29, C97. Both are told by the ledger and the object store, not by the
 * engine: an engine that announces too early (A02) believes itself to be right.
 */
import { followDurable, placeOf } from "./notes.ts";
import { holds, vacuous, violated, type Property } from "./property.ts";
import { checkpointOfMetadata } from "./store-paths.ts";

export const readersSeeCommitted: Property = {
  id: "RC1",
  rule: "A reader of a sink sees rows of committed transactions, and no others.",
  check(history) {
    let reads = 0;
    let rows = 0;
    for (const note of history.notes) {
      if (note.kind !== "ledger-read") continue;
      if (note.rows !== note.committed) {
        return violated(
          `a reader of ${note.sink} saw ${note.rows} rows, of which ${note.committed} ` +
            `were committed, ${placeOf(note)}`,
        );
      }
      reads++;
      rows += note.rows;
    }
    if (rows === 0) return vacuous("no reader saw any row while the job ran");
    return holds({ reads, rows });
  },
};

export const committedIsDurable: Property = {
  id: "RC2",
  rule: "No transaction is committed before its checkpoint's metadata is durable.",
  check(history) {
    const durable = followDurable(checkpointOfMetadata);
    let commits = 0;
    for (const note of history.notes) {
      durable.follow(note);
      if (note.kind !== "ledger-committed" || note.checkpointId === 0) continue;
      commits++;
      if (durable.newestEver() >= note.checkpointId) continue;
      return violated(
        `${note.transaction} was committed for checkpoint ${note.checkpointId}, ` +
          `${placeOf(note)}, when the newest metadata ever stored was that of ` +
          `${durable.newestEver()} (0: none)`,
      );
    }
    if (commits === 0) return vacuous("no transaction was committed for a checkpoint");
    return holds({ commits });
  },
};
