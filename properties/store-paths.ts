/**
 * What the paths in the object store mean, as far as rules judge by them.
 *
 * Written anew rather than taken from the engine: a rule that asked the engine which files may stay
 * would believe whatever the engine believes.
 *
 *   .../chk-<n>/metadata                   checkpoint n exists from the moment this does
 *   savepoints/<job>/chk-<n>/metadata-<name>    so does savepoint n, and all beside it is part of it
 *   jobs/<job>/leader/..., ids/...         who led, and which ids are taken: kept for good
 *   jobs/<job>/settings/...                what was asked of the job: likewise
 *   jobs/<job>/_finished, _cancelled, _failed   the job is over, and must not be run again; its n-th
 *                                          run: _finished-<n>
 */
const METADATA = /(?:^|\/)chk-(\d+)\/metadata$/;
const SAVEPOINT = /^(savepoints\/[^/]+\/chk-(\d+)\/)metadata-[^/]*$/;
const KEPT =
  /^jobs\/[^/]+\/(?:(?:leader|ids|settings)\/.+|_(?:finished|cancelled|failed)(?:-\d+)?)$/;

/** The checkpoint whose metadata lies under `path`, or undefined. */
export function checkpointOfMetadata(path: string): number | undefined {
  const digits = METADATA.exec(path)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The savepoint whose metadata lies under `path`, or undefined. */
export function savepointOfMetadata(path: string): number | undefined {
  const digits = SAVEPOINT.exec(path)?.[2];
  return digits === undefined ? undefined : Number(digits);
}

/** Of these paths: the files of savepoints, which belong to whoever asked for them. */
export function savepointFiles(paths: readonly string[]): ReadonlySet<string> {
  const directories = paths.flatMap((path) => SAVEPOINT.exec(path)?.[1] ?? []);
  return new Set(paths.filter((path) => directories.some((prefix) => path.startsWith(prefix))));
}

/** True for what outlives the job on purpose. */
export const outlivesJob = (path: string): boolean => KEPT.test(path);
