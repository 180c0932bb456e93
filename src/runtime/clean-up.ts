/**
 * Leaves nothing behind: deletes what a job that has ended still has in the object store (C66).
 *
 * One sweep is not enough. An upload by a task manager that was cut off, or a request that timed out,
 * may still land afterwards. So sweeps repeat until one finds nothing that began late enough: when every
 * task manager ever heard of is known to be idle, and `LATE_EFFECT_MS_MAX` have passed since.
 *
 * Deleting twice is deleting once, so a clean-up that a crash cut short is simply done again (C40).
 */
import type { Host } from "../host/host.ts";
import { LATE_EFFECT_MS_MAX } from "../host/object-store.ts";
import { withRetries } from "./storage-retry.ts";

/** Clean-up has no deadline; it asks until it is answered. */
const TRIES_MAX = Number.POSITIVE_INFINITY;

/**
 * @param keep    says of each path of a listing whether it stays
 * @param isQuiet no process can begin another upload
 * @param isOver  somebody else uses these paths now: nothing more is deleted, and nothing told
 */
export function cleanUp(
  host: Host,
  prefixes: readonly string[],
  keep: (paths: readonly string[]) => (path: string) => boolean,
  isQuiet: () => boolean,
  done: (deleted: number) => void,
  isOver: () => boolean = () => false,
): void {
  let deleted = 0;
  let quietSinceUs: number | undefined;
  const sweep = (): void => {
    if (!isQuiet()) quietSinceUs = undefined;
    else quietSinceUs ??= host.nowUs();
    const late =
      quietSinceUs !== undefined && host.nowUs() - quietSinceUs > LATE_EFFECT_MS_MAX * 1_000;
    listAll(host, prefixes, (paths) => {
      if (isOver()) return;
      const isKept = keep(paths);
      const garbage = paths.filter((path) => !isKept(path));
      if (garbage.length === 0 && late) {
        done(deleted);
        return;
      }
      deleted += garbage.length;
      deleteAll(host, garbage, () => host.setTimer((LATE_EFFECT_MS_MAX / 2) * 1_000, sweep));
    });
  };
  sweep();
}

function listAll(
  host: Host,
  prefixes: readonly string[],
  then: (paths: readonly string[]) => void,
): void {
  const found: string[] = [];
  const next = (at: number): void => {
    const prefix = prefixes[at];
    if (prefix === undefined) {
      then(found);
      return;
    }
    withRetries<readonly string[]>(
      host,
      TRIES_MAX,
      (answer) => host.objectStore.list(prefix, answer),
      (result) => {
        if (result.ok) found.push(...result.value);
        next(at + 1);
      },
    );
  };
  next(0);
}

/** All at once; `then` when each has been answered. */
export function deleteAll(host: Host, paths: readonly string[], then: () => void): void {
  let open = paths.length;
  if (open === 0) {
    then();
    return;
  }
  for (const path of paths) {
    withRetries<undefined>(
      host,
      TRIES_MAX,
      (answer) => host.objectStore.delete(path, answer),
      () => {
        open--;
        if (open === 0) then();
      },
    );
  }
}
