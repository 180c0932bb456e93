/**
 * A snapshot of a tree that has been taken and not been written out yet: in the canonical form, or as the
 * runs there were.
 *
 * The view keeps its runs until it has been written or discarded, whatever is merged meanwhile (C63).
 */
import { assert } from "../../core/assert.ts";
import type { Result } from "../../core/result.ts";
import type { StoredFile } from "../../core/stored-file.ts";
import { allRuns } from "../lsm/levels.ts";
import { listed } from "../lsm/level-list.ts";
import type { LevelList } from "../lsm/level-list.ts";
import type { TreeSnapshot } from "../lsm/lsm-tree.ts";
import type {
  DraftFile,
  KeyedBackendConfig,
  PendingNativeSnapshot,
  PendingSnapshot,
  SnapshotRequest,
} from "../state-backend.ts";
import { canonicalOf } from "./canonical-groups.ts";
import type { KeepOf } from "./canonical-groups.ts";
import { encodeManifest, LSM_FORMAT } from "./native-form.ts";
import type { StoredRuns } from "./stored-runs.ts";
import type { PartRange } from "./stored-parts.ts";

/** The moment that a snapshot shows. */
export type LsmMoment = Readonly<{
  view: TreeSnapshot;
  parts: readonly PartRange[];
  config: Pick<KeyedBackendConfig<unknown>, "range"> & Readonly<{ keyType: { id: string } }>;
}>;

/** Where files come from that are away. */
type Bringing = Readonly<{
  bring(names: readonly string[], done: (result: Result<undefined, string>) => void): () => void;
}>;

/** Runs `write` at most once, and lets go of the view after it. */
function once<T>(view: TreeSnapshot, write: () => T) {
  let isPending = true;
  const discard = (): void => {
    isPending = false;
    view.release();
  };
  return {
    discard,
    write: (): T => {
      assert(isPending, () => "a snapshot is written a second time, or after its discard");
      const written = write();
      discard();
      return written;
    },
  };
}

/** @param keepOf what had not run out when the snapshot was taken (C95) */
export function canonicalSnapshot(
  { view, parts, config }: LsmMoment,
  keepOf: KeepOf,
  away: Bringing | undefined,
): PendingSnapshot {
  const pending = once(view, () => canonicalOf(view.cursor(), parts, config.keyType.id, keepOf));
  return withFiles(pending, view, NONE, away);
}

const NONE: ReadonlyMap<string, StoredFile> = new Map();

/** Has the files that a snapshot reads brought before it is written, where they may be away. */
function withFiles<P extends { discard(): void; write(): unknown }>(
  pending: P,
  view: TreeSnapshot,
  known: ReadonlyMap<string, StoredFile>,
  away: Bringing | undefined,
): P & Pick<PendingSnapshot, "prepare"> {
  if (away === undefined) return pending;
  let letGo: (() => void) | undefined;
  const discard = (): void => {
    pending.discard();
    letGo?.();
    letGo = undefined;
  };
  return {
    ...pending,
    discard,
    prepare(done) {
      const names = new Set(allRuns(view.levels).map(({ file }) => file.name));
      letGo = away.bring(
        [...names].filter((name) => !known.has(name)),
        done,
      );
    },
    write: () => {
      const written = pending.write();
      discard();
      return written;
    },
  };
}

export function nativeSnapshot(
  moment: LsmMoment,
  { checkpointId }: SnapshotRequest,
  { known, stored, away }: NativeParts,
): PendingSnapshot {
  const { view, parts, config } = moment;
  let names: readonly string[] = [];
  const pending = once(view, () => {
    const draft = draftOf(view, known);
    names = draft.names;
    const { levels } = draft;
    const manifest = encodeManifest({ keyType: config.keyType.id, parts, levels });
    return { format: LSM_FORMAT, range: config.range, manifest, files: draft.files };
  });
  const { write, discard, prepare } = withFiles(pending, view, known, away);
  const native: PendingNativeSnapshot = {
    ...(prepare && { prepare }),
    write,
    stored(files: readonly StoredFile[]) {
      for (const [i, file] of files.entries()) stored.add(checkpointId, names[i]!, file);
    },
    // What this checkpoint does not refer to, no checkpoint based on it does.
    alsoKept: () => [],
  };
  const unwanted = (): never => {
    assert(false, () => `checkpoint ${checkpointId} was asked for in the native form`);
  };
  return { write: unwanted, discard, native };
}

type NativeParts = Readonly<{
  /** What may be referred to again. */
  known: ReadonlyMap<string, StoredFile>;
  stored: StoredRuns;
  away: Bringing | undefined;
}>;

type Draft = Readonly<{
  files: readonly DraftFile[];
  /** Of the runs, in order of `files`. */
  names: readonly string[];
  levels: LevelList;
}>;

/** Each file once, however many views of it there are. */
function draftOf(view: TreeSnapshot, known: ReadonlyMap<string, StoredFile>): Draft {
  assert(view.memtables.length === 0, () => "a native snapshot of what is not in runs");
  const files: DraftFile[] = [];
  const positions = new Map<string, number>();
  const levels = listed(view.levels, ({ file }) => {
    const { name } = file;
    const position = positions.get(name);
    if (position !== undefined) return position;
    const there = known.get(name);
    positions.set(name, files.length);
    files.push(
      there === undefined
        ? { kind: "new", name, bytes: file.whole() }
        : { kind: "known", file: there },
    );
    return files.length - 1;
  });
  return { files, names: [...positions.keys()], levels };
}
