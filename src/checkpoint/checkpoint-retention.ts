/**
 * Which checkpoints are kept, and what becomes of the files of those that are not.
 *
 *   completed --k newer--> subsumed --no pending one builds on it--> discarded
 *   collecting --given up--> discarded, but for what it shares
 *
 * CO6  No discard names a file that a retained or pending checkpoint holds; the newest completed
 *      checkpoint is never discarded (C38).
 * CO7  A checkpoint that a barrier names as its base is kept, subsumed or not, until the checkpoint of
 *      that barrier is over (C64).
 * CO8  A savepoint is nobody's to discard once it is complete, unless the job was started from it and
 *      owns it (C41, C46); it subsumes nothing but by stopping the job (C42, A16).
 *
 * Not here: shared files that no checkpoint lists (shared-files.ts).
 */
import { assert } from "../core/assert.ts";
import type { CheckpointId } from "../core/ids.ts";
import type { StoredSnapshot } from "../state/operator-snapshot.ts";
import { acksOf } from "./acknowledgements.ts";
import type { CompletedCheckpoint } from "./checkpoint-metadata.ts";
import {
  checkpointDirectory,
  metadataPath,
  savepointDirectory,
  savepointMetadataPath,
  savepointPrefix,
} from "./checkpoint-paths.ts";
import type { Coordinator, CoordinatorEffect, PendingCheckpoint } from "./coordinator-protocol.ts";
import { filesOf, heldPaths, unheldFiles } from "./shared-files.ts";

/** SX1: all that may not be deleted now. */
export const heldBy = (state: Coordinator): ReadonlySet<string> =>
  heldPaths(
    keptCheckpoints(state),
    state.pending.flatMap((pending) => acksOf(pending).map(({ stored }) => stored)),
  );

export const keptCheckpoints = ({
  completed,
  lingering,
  restoredFrom,
}: Coordinator): readonly CompletedCheckpoint[] => [
  ...lingering,
  ...completed,
  ...(restoredFrom === undefined ? [] : [restoredFrom]),
];

/** C38: the newest `retained` stay; the others go, or wait for those that build on them. */
export function subsume(state: Coordinator, effects: CoordinatorEffect[]): Coordinator {
  const { retained } = state.config.checkpoints;
  assert(retained >= 1, () => `CO6 ${retained} retained checkpoints: at least 1`);
  const surplus = Math.max(0, state.completed.length - retained);
  const lingering = [...state.lingering, ...state.completed.slice(0, surplus)];
  return release({ ...state, lingering, completed: state.completed.slice(surplus) }, effects);
}

/** CO7: discards what nobody builds on any more. Call whenever a pending checkpoint is over. */
export function release(state: Coordinator, effects: CoordinatorEffect[]): Coordinator {
  if (state.lingering.length === 0) return state;
  const isBase = ({ id }: CompletedCheckpoint): boolean =>
    state.pending.some(({ options }) => options.base === id);
  const next = { ...state, lingering: state.lingering.filter(isBase) };
  const discarded = state.lingering.filter((checkpoint) => !isBase(checkpoint));
  if (discarded.length === 0) return next;
  const held = new Set(heldBy(next));
  for (const checkpoint of discarded) {
    const files = unheldFiles(checkpoint, held);
    const metadata = metadataOf(state, checkpoint);
    effects.push({ kind: "discard", checkpointId: checkpoint.id, metadata, files });
    for (const path of files) held.add(path); // it is named once
  }
  return next;
}

export const metadataOf = (
  { config }: Coordinator,
  { id, kind, name, stop }: Pick<CompletedCheckpoint, "id" | "kind" | "name" | "stop">,
): string =>
  kind === "savepoint" && stop === "none"
    ? savepointMetadataPath(config.jobName, id, name)
    : metadataPath(config.jobName, id);

/** What was stored for a pending checkpoint alone; of a savepoint that is all of it (A17). */
export function pushDiscard(
  state: Coordinator,
  { id, acks, options }: Pick<PendingCheckpoint, "id" | "acks" | "options">,
  effects: CoordinatorEffect[],
): void {
  if (options.mode === "uncoordinated") return; // what tasks took by themselves may be in the next line
  const stored = acks.flatMap((row) => row.flatMap((ack) => (ack === undefined ? [] : ack.stored)));
  const files = stored.flatMap((each) => ownFiles(state, id, each));
  if (files.length === 0) return;
  effects.push({ kind: "discard", checkpointId: id, metadata: undefined, files });
}

/**
 * What came with an acknowledgement that does not count. Of a savepoint nothing goes: it may be complete,
 * and the acknowledgement a repeated one; what is left of those that failed goes with the job.
 */
export function pushDiscardOfLate(
  state: Coordinator,
  checkpointId: CheckpointId,
  stored: StoredSnapshot,
  effects: CoordinatorEffect[],
): void {
  if (stored.handle.path.startsWith(savepointPrefix(state.config.jobName))) return;
  effects.push({ kind: "delete-files", files: ownFiles(state, checkpointId, stored) });
}

function ownFiles(
  { config }: Coordinator,
  id: CheckpointId,
  { handle, inFlight, files }: StoredSnapshot,
): readonly string[] {
  const own = [checkpointDirectory, savepointDirectory].map((of) => of(config.jobName, id));
  const beside = files.filter(({ path }) => own.some((directory) => path.startsWith(directory)));
  return filesOf({ handle, inFlight, files: beside }).map(({ path }) => path);
}
