/**
 * What one operator of one subtask puts into a checkpoint, in the canonical form that every backend
 * reads and writes.
 */
import type { KeyGroupSnapshot, NativeKeyedSnapshot } from "./keyed-snapshot.ts";
import type { OperatorUid } from "../core/ids.ts";
import type { StoredFile } from "../core/stored-file.ts";
import { StateIncompatibleError } from "../types/state-incompatible.ts";

export type OperatorSnapshot = Readonly<{
  uid: OperatorUid;
  /** Keyed state and timers, by key group; empty groups left out. */
  keyed: readonly KeyGroupSnapshot[];
  /** Keyed state as its backend keeps it, instead of `keyed`. */
  native?: NativeKeyedSnapshot;
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
  /** The subtask's own. */
  elements: readonly Uint8Array[];
  /** Of union state that is being restored: those of all subtasks (C60). Never stored. */
  everyone?: readonly Uint8Array[];
}>;

/**
 * What the checkpoint holds of the one operator state that a connector keeps.
 *
 * @throws StateIncompatibleError where it holds another state: unread, it would be lost
 */
export function elementsOf(
  { uid, operatorState }: OperatorSnapshot,
  name: string,
): readonly Uint8Array[] {
  const other = operatorState.find((state) => state.name !== name);
  if (other !== undefined) {
    throw new StateIncompatibleError(
      `operator "${uid}": the checkpoint holds operator state "${other.name}" under its uid, ` +
        `but it keeps "${name}" alone; give the operator that wrote it this uid, ` +
        "or start without the checkpoint",
    );
  }
  return operatorState[0]?.elements ?? [];
}

/** All of one subtask: its chain's operators in order, and whether its input had ended before. */
export type SubtaskSnapshot = Readonly<{
  ended: boolean;
  operators: readonly OperatorSnapshot[];
}>;

/** Where a stored subtask snapshot lies, and what its bytes must be. */
export type SnapshotHandle = StoredFile &
  Readonly<{
    /** It holds union state, which every subtask has to read on a restore (C60). */
    shared: boolean;
  }>;

/** All that one subtask has stored for one checkpoint. */
export type StoredSnapshot = Readonly<{
  handle: SnapshotHandle;
  /** Records that were under way, of an unaligned checkpoint (C13); undefined: there were none. */
  inFlight: StoredFile | undefined;
  /**
   * Every shared file that the snapshot refers to, or that the subtask may still refer to later: until
   * a newer checkpoint leaves one out, nobody may delete it (C65).
   */
  files: readonly StoredFile[];
}>;
