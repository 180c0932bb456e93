/**
 * What one operator of one subtask puts into a checkpoint, in the canonical form that every backend
 * reads and writes.
 */
import type { OperatorUid } from "../core/ids.ts";
import type { KeyGroupSnapshot } from "./state-backend.ts";

export type OperatorSnapshot = Readonly<{
  uid: OperatorUid;
  /** Keyed state and timers, by key group; empty groups left out. */
  keyed: readonly KeyGroupSnapshot[];
  timers: readonly KeyGroupSnapshot[];
  /** Elements of operator list state; on rescaling they are dealt out anew. */
  operatorState: readonly Uint8Array[];
}>;

/** All of one subtask: its chain's operators in order, and whether its input had ended before. */
export type SubtaskSnapshot = Readonly<{
  ended: boolean;
  operators: readonly OperatorSnapshot[];
}>;

/** Where a stored subtask snapshot lies, and what its bytes must be. */
export type SnapshotHandle = Readonly<{
  path: string;
  length: number;
  /** CRC-32 of the whole file. */
  checksum: number;
}>;
