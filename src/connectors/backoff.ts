/**
 * Pauses between tries of a request whose outcome is unknown: doubling, from short to a bound. The
 * number of tries is not bounded, since giving up would turn a slow outside into a failed job; the
 * spacing is, so that an outage costs little and its end is noticed soon.
 */
const RETRY_DELAY_MS_MIN = 20;
const RETRY_DELAY_MS_MAX = 1_000;

/** The pause before try `tries` + 1, after `tries` (1 or more) that failed. */
export const retryDelayMs = (tries: number): number =>
  Math.min(RETRY_DELAY_MS_MAX, RETRY_DELAY_MS_MIN << Math.min(tries - 1, 10));
