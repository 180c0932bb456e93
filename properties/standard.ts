/** The rules that every story is held to, unless it says otherwise. */
import {
  abortedStaysAborted,
  checkpointIdsRise,
  completedIsWhole,
  snapshotsInOrder,
} from "./checkpoints.ts";
import { sameSeedSameRun } from "./determinism.ts";
import { exactlyOnceOutput, sameOutputAsWithoutFaults } from "./exactly-once.ts";
import { fencedStaysOut } from "./fencing.ts";
import { checkpointsGoOn, jobFails, jobFinishes } from "./liveness.ts";
import { committedPrefix, inOrderPerKey } from "./order.ts";
import { nothingOrphaned } from "./orphans.ts";
import type { FaultKind } from "../sim/plan.ts";
import type { OutputView } from "./output-view.ts";
import type { Property } from "./property.ts";
import { committedIsDurable, readersSeeCommitted } from "./read-committed.ts";
import { restoresNewest } from "./restore.ts";
import type { RowKey } from "./rows.ts";

export type StandardOptions = Readonly<{
  /** Names a row's key, where the rows of one key have one order in every legal schedule. */
  rowKey?: RowKey;
  /** How rows are looked at before they are compared; as they are by default. */
  view?: OutputView;
  /** The job must fail, and this stand in what it says: LV3 in the place of LV1. */
  failsWith?: string;
  /** What it fails of, if that is a fault; see `jobFails`. */
  failsOf?: FaultKind;
}>;

/** What every scenario is held to unless it says otherwise; the most telling rule first. */
export function standardProperties(options: StandardOptions = {}): readonly Property[] {
  const { rowKey, view, failsWith, failsOf } = options;
  return [
    exactlyOnceOutput(view),
    ...(rowKey === undefined ? [] : [inOrderPerKey(rowKey)]),
    sameOutputAsWithoutFaults(view),
    committedPrefix(rowKey, view),
    readersSeeCommitted,
    committedIsDurable,
    checkpointIdsRise,
    completedIsWhole,
    abortedStaysAborted,
    restoresNewest,
    snapshotsInOrder,
    fencedStaysOut,
    failsWith === undefined ? jobFinishes : jobFails(failsWith, failsOf),
    checkpointsGoOn,
    nothingOrphaned,
    sameSeedSameRun,
  ];
}
