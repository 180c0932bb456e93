/**
 * Requests to the object store that survive its time-outs.
 *
 * A time-out says nothing about the outcome, so only requests that may be repeated go through here:
 * puts of the same bytes to the same path, gets, lists and deletes. Repeats are spaced and bounded; when
 * the bound is reached the last error is the answer.
 */
import type { Result } from "../core/result.ts";
import type { Host } from "../host/host.ts";
import type { StoreDone, StoreError } from "../host/object-store.ts";

/** A checkpoint's file: its failure declines the checkpoint, so it need not try for ever. */
export const UPLOAD_TRIES_MAX = 8;
/** What a recovery cannot do without: at the longest pause this is minutes of outage. */
export const RECOVERY_TRIES_MAX = 200;

const PAUSE_MS_MIN = 20;
const PAUSE_MS_MAX = 1_000;
/** Who is told to slow down does, at once. */
const THROTTLED_PAUSE_MS = 200;

const worthRepeating = (error: StoreError): boolean =>
  error.kind === "timeout" || error.kind === "unavailable" || error.kind === "throttled";

/**
 * Asks until there is an answer worth having, or `triesMax` times.
 *
 * @param ask makes one request; called again only after the last one was answered
 */
export function withRetries<T>(
  host: Host,
  triesMax: number,
  ask: (done: StoreDone<T>) => void,
  done: (result: Result<T, StoreError>) => void,
): void {
  let tries = 0;
  let pauseMs = PAUSE_MS_MIN;
  const attempt = (): void => {
    tries++;
    ask((result) => {
      const over = result.ok ? !host.buggify("store-again") : !worthRepeating(result.error);
      if (over || tries >= triesMax) {
        done(result);
        return;
      }
      if (!result.ok && result.error.kind === "throttled")
        pauseMs = Math.max(pauseMs, THROTTLED_PAUSE_MS);
      host.setTimer(pauseMs * 1_000, attempt);
      pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 2);
    });
  };
  attempt();
}

/** "timeout of a/b": for reasons that people read. */
export const storeErrorText = (error: StoreError): string => `${error.kind} of ${error.path}`;
