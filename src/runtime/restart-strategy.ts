/**
 * Whether a job that has failed is started again, and after how long. It counts for the whole job,
 * whichever of its regions failed.
 *
 *   fixed delay        always the same pause, a bounded number of times
 *   failure rate       always the same pause, unless so many failures lie within an interval
 *   exponential delay  every pause is `factorPerMille` times the last one, up to a cap, give or take a
 *                      jitter; after a quiet period it begins anew
 *   none               never
 *
 * An attempt that ends is one failure, however many of its tasks failed and whatever fails while it
 * goes: the strategy is asked once for each restart (C120, C121).
 *
 * RY1  Under a fixed delay at most `restartsMax` restarts are granted, under an exponential one at most
 *      `restartsMax` without a quiet period between them.
 * RY2  No interval of `intervalMs` has more than `failuresMax` failures before the last of them is refused.
 * RY3  An exponential pause is never longer than `delayMsMax`, nor negative.
 *
 * Source: Flink's RestartBackoffTimeStrategy and its four implementations. We differ: pauses are counted
 * in whole milliseconds and factors in thousandths, so that they are the same on every machine.
 * Not here: what a failure is (`failover.ts`), failures of user code that repeat
 * (`repeated-failures.ts`).
 */
import { unreachable } from "../core/assert.ts";
import type { RestartConfig } from "../graph/logical-graph.ts";

export type RestartStrategy = Readonly<{
  /** Granted so far. */
  restarts: number;
  /** Times of the newest failures, ascending: as many as the strategy has to know. */
  failedMs: readonly number[];
  /** Of exponential delays: the pause before jitter that came last, and how many since a quiet period. */
  delayMs: number;
  inARow: number;
  /** When the last attempt was started again; the first begins in a quiet period. */
  restartedMs: number;
}>;

export type RestartVerdict = Readonly<
  { kind: "restart"; delayMs: number; restarts: number } | { kind: "refused"; why: string }
>;

export type RestartDecision = Readonly<{ state: RestartStrategy; verdict: RestartVerdict }>;

/** What a draw of jitter may be: 0 is as early as it gets, `JITTER_DRAW_MAX` as late. */
export const JITTER_DRAW_MAX = 2_000;

export const createRestartStrategy = (): RestartStrategy => ({
  restarts: 0,
  failedMs: [],
  delayMs: 0,
  inARow: 0,
  restartedMs: Number.NEGATIVE_INFINITY,
});

/**
 * An attempt has failed, and is gone.
 *
 * @param nowMs on a monotonic clock
 * @param draw  by chance, 0 to `JITTER_DRAW_MAX`; only exponential delays look at it
 */
export function decideRestart(
  config: RestartConfig,
  state: RestartStrategy,
  nowMs: number,
  draw: number,
): RestartDecision {
  switch (config.kind) {
    case "none":
      return refuse(state, "the job is not to be restarted");
    case "fixed-delay": {
      const { delayMs, restartsMax } = config;
      if (state.restarts >= restartsMax)
        return refuse(state, `all ${restartsMax} restarts are used up`);
      return grant(state, nowMs, delayMs);
    }
    case "failure-rate": {
      const { delayMs, failuresMax, intervalMs } = config;
      const failedMs = [...state.failedMs, nowMs].slice(-failuresMax);
      const oldestMs = failedMs[0] ?? nowMs;
      if (failedMs.length === failuresMax && nowMs - oldestMs <= intervalMs) {
        return refuse(state, `${failuresMax} failures within ${intervalMs} ms`);
      }
      return grant({ ...state, failedMs }, nowMs, delayMs);
    }
    case "exponential-delay":
      return backOff(config, state, nowMs, draw);
    default:
      return unreachable(config);
  }
}

function backOff(
  config: Extract<RestartConfig, { kind: "exponential-delay" }>,
  state: RestartStrategy,
  nowMs: number,
  draw: number,
): RestartDecision {
  const { delayMs, delayMsMax, factorPerMille, jitterPerMille, resetAfterMs, restartsMax } = config;
  const quiet = nowMs - state.restartedMs >= resetAfterMs;
  const inARow = quiet ? 0 : state.inARow;
  if (inARow >= restartsMax) {
    return refuse(state, `all ${restartsMax} restarts without a quiet period are used up`);
  }
  const raisedMs = Math.floor((state.delayMs * factorPerMille) / 1_000);
  const baseMs = Math.min(delayMsMax, inARow === 0 ? delayMs : raisedMs);
  const jitterMs = Math.floor((baseMs * jitterPerMille) / 1_000);
  const shiftMs = Math.floor((jitterMs * draw) / 1_000) - jitterMs;
  const pauseMs = Math.max(0, Math.min(delayMsMax, baseMs + shiftMs));
  return grant({ ...state, delayMs: baseMs, inARow: inARow + 1 }, nowMs, pauseMs);
}

function grant(state: RestartStrategy, nowMs: number, delayMs: number): RestartDecision {
  const restarts = state.restarts + 1;
  return {
    state: { ...state, restarts, restartedMs: nowMs + delayMs },
    verdict: { kind: "restart", delayMs, restarts },
  };
}

const refuse = (state: RestartStrategy, why: string): RestartDecision => ({
  state,
  verdict: { kind: "refused", why },
});
