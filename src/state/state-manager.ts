/**
 * Moves keyed state from any backend to any other, by way of the canonical form that all of them read.
 *
 *   native files of one backend --canonicalGroups--> key groups --restore--> any other backend
 *
 * SM1  What a native snapshot holds and what its canonical form holds is the same state.
 */
import type { KeyGroupSnapshot, NativeKeyedSnapshot } from "./keyed-snapshot.ts";
import { StateIncompatibleError } from "../types/state-incompatible.ts";
import { CHANGELOG_FORMAT } from "./changelog/log-snapshot.ts";
import { changelogGroups } from "./changelog/replay.ts";
import { LSM_FORMAT, lsmGroups } from "./disk/native-form.ts";

/** Reads the files of one format, which stand in `contents`. */
type FormatReader = (native: NativeKeyedSnapshot) => readonly KeyGroupSnapshot[];

/** One line for each native format there is. */
const READERS: Readonly<Record<string, FormatReader>> = {
  [CHANGELOG_FORMAT]: changelogGroups,
  [LSM_FORMAT]: lsmGroups,
};

/**
 * What a native snapshot holds, by key group.
 *
 * @param native with its `contents`
 * @throws StateIncompatibleError for a format that this version does not know
 * @throws DecodeError when the bytes are no such snapshot
 */
export function canonicalGroups(native: NativeKeyedSnapshot): readonly KeyGroupSnapshot[] {
  const read = READERS[native.format];
  if (read !== undefined) return read(native);
  const known = Object.keys(READERS).join(", ");
  throw new StateIncompatibleError(
    `keyed state was stored in format "${native.format}", and this version reads ${known}; ` +
      "take a canonical savepoint with the version that wrote it, and start from that",
  );
}
