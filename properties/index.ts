/**
 * The rules, for scenarios and for whoever writes their own; the only file of `properties/` that
 * outsiders import. What each rule says, and why, stands in README.md.
 */
import {
  abortedStaysAborted,
  checkpointIdsRise,
  completedIsWhole,
  snapshotsInOrder,
} from "./checkpoints.ts";
import { sameSeedSameRun } from "./determinism.ts";
import { exactlyOnceOutput, sameOutputAsWithoutFaults } from "./exactly-once.ts";
import { fencedStaysOut } from "./fencing.ts";
import { checkpointsGoOn, jobFinishes } from "./liveness.ts";
import { committedPrefix, inOrderPerKey } from "./order.ts";
import { nothingOrphaned } from "./orphans.ts";
import type { OutputView } from "./output-view.ts";
import type { Property } from "./property.ts";
import { committedIsDurable, readersSeeCommitted } from "./read-committed.ts";
import { restoresNewest } from "./restore.ts";
import type { RowKey } from "./rows.ts";

export * from "./batch-evaluation.ts";
export * from "./changelog.ts";
export * from "./checkpoints.ts";
export * from "./determinism.ts";
export * from "./exactly-once.ts";
export * from "./fencing.ts";
export * from "./judge.ts";
export * from "./liveness.ts";
export * from "./order.ts";
export * from "./orphans.ts";
export * from "./output-view.ts";
export * from "./property.ts";
export * from "./read-committed.ts";
export * from "./restore.ts";
export { referenceOutput } from "./reference/reference.ts";
export { rowText, type RowKey } from "./rows.ts";

export type StandardOptions = Readonly<{
  /** Names a row's key, where the rows of one key have one order in every legal schedule. */
  rowKey?: RowKey;
  /** How rows are looked at before they are compared; as they are by default. */
  view?: OutputView;
}>;

/** What every scenario is held to unless it says otherwise; the most telling rule first. */
export function standardProperties({ rowKey, view }: StandardOptions = {}): readonly Property[] {
  return [
    exactlyOnceOutput(view),
    ...(rowKey === undefined ? [] : [inOrderPerKey(rowKey)]),
    sameOutputAsWithoutFaults(view),
    committedPrefix(rowKey),
    readersSeeCommitted,
    committedIsDurable,
    checkpointIdsRise,
    completedIsWhole,
    abortedStaysAborted,
    restoresNewest,
    snapshotsInOrder,
    fencedStaysOut,
    jobFinishes,
    checkpointsGoOn,
    nothingOrphaned,
    sameSeedSameRun,
  ];
}
