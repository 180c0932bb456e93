/**
 * Brings the files of a restore back from the object store, every byte verified.
 *
 * A file that is missing, short or changed is an error that names it; it is never taken for "no state"
 * (C52). What the store does not answer in time is asked again.
 *
 *   subtask snapshots --decoded, redistributed--> native files that they name --> ready to be opened
 *
 * FE1  What is handed over is what its reference says: length and checksum fit.
 */
import type { NativeKeyedSnapshot } from "../state/keyed-snapshot.ts";
import { err, ok, type Result } from "../core/result.ts";
import { damageOf, type StoredFile } from "../core/stored-file.ts";
import type { Host } from "../host/host.ts";
import type {
  OperatorSnapshot,
  SnapshotHandle,
  SubtaskSnapshot,
} from "../state/operator-snapshot.ts";
import { decodeSubtaskSnapshot } from "../state/snapshot-file.ts";
import type { StateBackend } from "../state/state-backend.ts";
import { readObject } from "./read-object.ts";
import { RECOVERY_TRIES_MAX, storeErrorText } from "./storage-retry.ts";

export type Fetching = Readonly<{
  host: Host;
  /** A copy at hand, verified; undefined: the store has to be asked (C69). */
  localCopy?: (file: StoredFile) => Uint8Array | undefined;
}>;

type Done<T> = (result: Result<T, string>) => void;

/** The store answers many requests at once, but not any number of them. */
const UNDER_WAY_MAX = 4;

/** In the order asked for. */
export function fetchSnapshots(
  fetching: Fetching,
  handles: readonly SnapshotHandle[],
  done: Done<readonly SubtaskSnapshot[]>,
): void {
  fetchAll(
    fetching,
    handles,
    (handle, bytes) => {
      const decoded = decodeSubtaskSnapshot(bytes, handle.path, handle);
      return decoded.ok ? decoded : err(decoded.error.message);
    },
    done,
  );
}

/** Files that somebody else decodes, in the order asked for. */
export function fetchFiles(
  fetching: Fetching,
  files: readonly StoredFile[],
  done: Done<readonly Uint8Array[]>,
): void {
  fetchAll(fetching, files, verified, done);
}

/**
 * The same snapshots with the contents of the native files that they name, but for those that the
 * backend brings itself. Where there are none, the answer comes at once.
 */
export function fetchContents(
  fetching: Fetching,
  snapshots: readonly SubtaskSnapshot[],
  backend: StateBackend,
  done: Done<readonly SubtaskSnapshot[]>,
): void {
  const wanted = new Map<string, StoredFile>();
  for (const { operators } of snapshots) {
    for (const { native } of operators) {
      if (native === undefined || bringsItself(backend, native)) continue;
      for (const file of native.files) wanted.set(file.path, file);
    }
  }
  const files = [...wanted.values()];
  if (files.length === 0) {
    done(ok(snapshots));
    return;
  }
  fetchFiles(fetching, files, (result) => {
    if (!result.ok) {
      done(result);
      return;
    }
    const bytes = new Map(files.map(({ path }, i) => [path, result.value[i]!]));
    done(ok(snapshots.map((snapshot) => withContents(snapshot, backend, bytes))));
  });
}

const bringsItself = (backend: StateBackend, { format }: NativeKeyedSnapshot): boolean =>
  backend.fetchesLater === true && backend.readsFormats?.includes(format) === true;

function withContents(
  { ended, operators }: SubtaskSnapshot,
  backend: StateBackend,
  bytes: ReadonlyMap<string, Uint8Array>,
): SubtaskSnapshot {
  const filled = operators.map((operator): OperatorSnapshot => {
    const { native } = operator;
    if (native === undefined || bringsItself(backend, native)) return operator;
    const contents = new Map(native.files.map(({ path }) => [path, bytes.get(path)!]));
    return { ...operator, native: { ...native, contents } };
  });
  return { ended, operators: filled };
}

const verified = (file: StoredFile, bytes: Uint8Array): Result<Uint8Array, string> => {
  const damage = damageOf(file, bytes);
  return damage === undefined ? ok(bytes) : err(damage);
};

/** One answer for all: the first error, or every value in the order of the files. */
function fetchAll<F extends StoredFile, T>(
  { host, localCopy }: Fetching,
  files: readonly F[],
  read: (file: F, bytes: Uint8Array) => Result<T, string>,
  done: Done<readonly T[]>,
): void {
  const values: T[] = [];
  let [next, left] = [0, files.length];
  let over = false;
  let copyTaken = false;
  const take = (index: number, result: Result<T, string>): void => {
    if (over) return;
    left--;
    over = left === 0 || !result.ok;
    if (!result.ok) {
      done(result);
      return;
    }
    values[index] = result.value;
    if (over) done(ok(values));
    else start();
  };
  const start = (): void => {
    const index = next++;
    const file = files[index];
    if (file === undefined) return;
    const copy = localCopy?.(file);
    if (copy !== undefined) {
      if (!copyTaken) host.note({ kind: "landmark", what: "local-copy-taken" });
      copyTaken = true;
      take(index, read(file, copy));
      return;
    }
    readObject(host, file.path, RECOVERY_TRIES_MAX, (result) =>
      take(index, result.ok ? read(file, result.value) : err(storeErrorText(result.error))),
    );
  };
  // Never from inside the call: whoever asks is still busy setting up.
  host.setTimer(0, () => {
    if (files.length === 0) done(ok([]));
    for (let i = 0; i < UNDER_WAY_MAX; i++) start();
  });
}
