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
  /** One entry per declared operator state, in order of name. */
  operatorState: readonly OperatorStateSnapshot[];
}>;

/**
 * How the elements of an operator state find their subtasks after a restore: dealt out evenly
 * (`split`, C59), all to everyone (`union`, C60), or one full copy to each (`broadcast`, C61).
 */
export type RedistributionMode = "split" | "union" | "broadcast";

export type OperatorStateSnapshot = Readonly<{
  name: string;
  mode: RedistributionMode;
  elements: readonly Uint8Array[];
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
