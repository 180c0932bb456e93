/**
 * What the paths in the object store mean, as far as rules judge by them.
 *
 * Written anew rather than taken from the engine: a rule that asked the engine which files may stay
 * would believe whatever the engine believes.
 *
 *   .../chk-<n>/metadata                   checkpoint n exists from the moment this does
 *   jobs/<job>/leader/..., ids/...         who led, and which ids are taken: kept for good
 *   jobs/<job>/_finished, _cancelled, _failed   the job is over, and must not be run again
 */
const METADATA = /(?:^|\/)chk-(\d+)\/metadata$/;
const KEPT = /^jobs\/[^/]+\/(?:(?:leader|ids)\/.+|_finished|_cancelled|_failed)$/;

/** The checkpoint whose metadata lies under `path`, or undefined. */
export function checkpointOfMetadata(path: string): number | undefined {
  const digits = METADATA.exec(path)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** True for what outlives the job on purpose. */
export const outlivesJob = (path: string): boolean => KEPT.test(path);
