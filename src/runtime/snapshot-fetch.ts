/**
 * Brings one subtask's snapshots back from the object store, every byte verified.
 *
 * A file that is missing, short or changed is an error that names it; it is never taken for "no state"
 * (C52). What the store does not answer in time is asked again.
 */
import { err, ok, type Result } from "../core/result.ts";
import type { Host } from "../host/host.ts";
import type { SnapshotHandle, SubtaskSnapshot } from "../state/operator-snapshot.ts";
import { decodeSubtaskSnapshot } from "../state/snapshot-file.ts";
import { readObject } from "./read-object.ts";
import { RECOVERY_TRIES_MAX, storeErrorText } from "./storage-retry.ts";

export function fetchSnapshots(
  host: Host,
  handles: readonly SnapshotHandle[],
  done: (result: Result<readonly SubtaskSnapshot[], string>) => void,
): void {
  const snapshots: SubtaskSnapshot[] = [];
  const next = (): void => {
    const handle = handles[snapshots.length];
    if (handle === undefined) {
      done(ok(snapshots));
      return;
    }
    fetchOne(host, handle, (result) => {
      if (!result.ok) {
        done(result);
        return;
      }
      snapshots.push(result.value);
      next();
    });
  };
  // Never from inside the call: whoever asks is still busy setting up.
  host.setTimer(0, next);
}

function fetchOne(
  host: Host,
  handle: SnapshotHandle,
  done: (result: Result<SubtaskSnapshot, string>) => void,
): void {
  readObject(host, handle.path, RECOVERY_TRIES_MAX, (result) => {
    if (!result.ok) {
      done(err(storeErrorText(result.error)));
      return;
    }
    const decoded = decodeSubtaskSnapshot(result.value, handle.path, handle);
    done(decoded.ok ? decoded : err(decoded.error.message));
  });
}
