/**
 * Which files of checkpoints nobody needs any more.
 *
 * A file under a shared path outlives the checkpoint that it was stored for. What a checkpoint that goes
 * away lists, and no other one that is left, goes with it. But there are files that no checkpoint lists:
 * stored for one that was given up, by an attempt that died, or by a backend that stores as it goes.
 * Those are found by listing the store:
 *
 *   in a listing, and in no checkpoint --suspected, from the next id on--> suspect
 *   suspect --a checkpoint of such an id completes without it--> dead      --with it--> held
 *
 * That is enough: the file was there before that checkpoint was triggered, so each subtask began to
 * store it before its snapshot, and lists with that whatever it may still refer to. A subtask that did
 * not write the file knows it from a checkpoint that it was restored from, and that one lists it.
 *
 * SX1  Nothing is deleted that a complete checkpoint which is kept lists, one that pending ones build
 *      on, or an acknowledgement of a pending one (C65). An abort deletes no shared file (A17).
 * SX2  A path stands for one content in all checkpoints (C64, A18).
 * SX3  What nobody lists is gone once two checkpoints have completed after it came, and a sweep between.
 *
 * A listing may be late: what it does not show yet is suspected after the next one, and what it still shows
 * though it has gone is deleted once more, as no path is ever used again (SX2).
 *
 * Source: Flink's SharedStateRegistry counts, and leaves behind what was never registered; we list.
 * Not here: which checkpoints are kept (checkpoint-retention.ts), paths (checkpoint-paths.ts).
 */
import { assert } from "../core/assert.ts";
import type { CheckpointId } from "../core/ids.ts";
import type { StoredFile } from "../core/stored-file.ts";
import type { StoredSnapshot } from "../state/operator-snapshot.ts";
import type { CompletedCheckpoint } from "./checkpoint-metadata.ts";

/** Completed checkpoints from one listing to the next. */
const SWEEP_EVERY = 4;

export type SharedSweep = Readonly<{
  listing: boolean;
  /** Completed checkpoints until the store is listed again. */
  listAfter: number;
  /** Files that nobody lists, and from which checkpoint on that means something. */
  suspects: ReadonlyMap<string, CheckpointId>;
}>;

/** A new leader does not know what others have left: it looks at once. */
export const createSweep = (): SharedSweep => ({
  listing: false,
  listAfter: 0,
  suspects: new Map(),
});

/** All files of one subtask, its own and those it shares. */
export const filesOf = ({ handle, inFlight, files }: StoredSnapshot): readonly StoredFile[] =>
  inFlight === undefined ? [handle, ...files] : [handle, inFlight, ...files];

const storedOf = ({ vertices }: CompletedCheckpoint): readonly StoredSnapshot[] =>
  vertices.flatMap(({ subtasks }) => subtasks.map(({ stored }) => stored));

/** Without those that it names more than once. */
export const filesOfCheckpoint = (checkpoint: CompletedCheckpoint): readonly StoredFile[] => [
  ...new Map(
    storedOf(checkpoint).flatMap((stored) => filesOf(stored).map((file) => [file.path, file])),
  ).values(),
];

/** SX1: every path that a checkpoint that is kept lists, or an acknowledgement of a pending one. */
export function heldPaths(
  kept: readonly CompletedCheckpoint[],
  acknowledged: readonly StoredSnapshot[],
): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const stored of [...kept.flatMap(storedOf), ...acknowledged]) {
    for (const { path } of filesOf(stored)) paths.add(path);
  }
  return paths;
}

/** What goes with a checkpoint that goes. */
export const unheldFiles = (
  checkpoint: CompletedCheckpoint,
  held: ReadonlySet<string>,
): readonly string[] =>
  filesOfCheckpoint(checkpoint).flatMap(({ path }) => (held.has(path) ? [] : [path]));

/** @throws InvariantError SX2: where two checkpoints mean different bytes by one path */
export function assertOneContent(
  checkpoint: CompletedCheckpoint,
  kept: readonly CompletedCheckpoint[],
): void {
  const known = new Map<string, StoredFile>();
  for (const other of kept) {
    for (const stored of storedOf(other))
      for (const file of stored.files) known.set(file.path, file);
  }
  for (const { path, length, checksum } of storedOf(checkpoint).flatMap(({ files }) => files)) {
    const file = known.get(path);
    if (file === undefined) continue;
    const same = file.length === length && file.checksum === checksum;
    assert(same, () => `SX2 checkpoint ${checkpoint.id} has other bytes under ${path}`);
  }
}

/** Whether it is time to list; a job that shares nothing never does. */
export const wantsListing = (
  { listing, listAfter, suspects }: SharedSweep,
  newest: CompletedCheckpoint,
): boolean =>
  !listing &&
  listAfter === 0 &&
  (suspects.size > 0 || storedOf(newest).some(({ files }) => files.length > 0));

export const onListing = (sweep: SharedSweep): SharedSweep => ({ ...sweep, listing: true });

/** @param nextId of the next checkpoint: all from it on are triggered after the listing */
export function onListed(
  { suspects }: SharedSweep,
  paths: readonly string[],
  held: ReadonlySet<string>,
  nextId: CheckpointId,
): SharedSweep {
  const found = new Map<string, CheckpointId>();
  for (const path of paths) {
    if (!held.has(path)) found.set(path, suspects.get(path) ?? nextId);
  }
  return { listing: false, listAfter: SWEEP_EVERY, suspects: found };
}

/** A checkpoint, no savepoint, has completed; `held` counts it in. */
export function onCompleted(
  sweep: SharedSweep,
  checkpointId: CheckpointId,
  held: ReadonlySet<string>,
): Readonly<{ sweep: SharedSweep; dead: readonly string[] }> {
  const suspects = new Map<string, CheckpointId>();
  const dead: string[] = [];
  for (const [path, since] of sweep.suspects) {
    if (held.has(path)) continue;
    if (since <= checkpointId) dead.push(path);
    else suspects.set(path, since);
  }
  const listAfter = Math.max(0, sweep.listAfter - 1);
  return { sweep: { ...sweep, suspects, listAfter }, dead };
}
