/**
 * How a job says when it is started again after a failure.
 *
 *   env.setRestartStrategy(restartStrategy.exponentialDelay({ delayMs: 100, delayMsMax: 60_000 }));
 *   env.setRestartStrategy({ delayMs: 1_000, restartsMax: 10 }); // the same as fixedDelay
 *
 * Not here: what the strategies decide (`../runtime/restart-strategy.ts`).
 */
import { unreachable } from "../core/assert.ts";
import type { RestartConfig } from "./logical-graph.ts";
import { checkOptions, type NumberOption } from "./options.ts";

type EveryStrategy = Readonly<{
  /**
   * The job fails once the same failure of user code (the same operator, the same text) has ended so
   * many attempts, whatever else failed in between: 1 or more; 3 by default.
   */
  sameFailuresMax?: number;
}>;

export type FixedDelayOptions = EveryStrategy &
  Readonly<{
    /** From when the failed attempt is gone to when the next is deployed. */
    delayMs: number;
    restartsMax: number;
  }>;

export type FailureRateOptions = EveryStrategy &
  Readonly<{
    delayMs: number;
    /** So many failures within `intervalMs` are the end of the job: 1 or more. */
    failuresMax: number;
    intervalMs: number;
  }>;

export type ExponentialDelayOptions = EveryStrategy &
  Readonly<{
    /** The first pause; each is `factorPerMille` thousandths of the one before. */
    delayMs: number;
    delayMsMax: number;
    /** 2_000, twice as long, by default; 1_000 or more. */
    factorPerMille?: number;
    /** Pauses differ by up to so many thousandths, either way; 100 by default. */
    jitterPerMille?: number;
    /** Pauses begin anew once the job has gone on for so long; an hour by default. */
    resetAfterMs?: number;
    /** Without such a quiet period in between; no end of them by default. */
    restartsMax?: number;
  }>;

type NamedOptions = Readonly<
  | ({ kind: "fixed-delay" } & FixedDelayOptions)
  | ({ kind: "failure-rate" } & FailureRateOptions)
  | ({ kind: "exponential-delay" } & ExponentialDelayOptions)
  | ({ kind: "none" } & EveryStrategy)
>;
/** The short form is a fixed delay. */
export type RestartOptions = FixedDelayOptions | NamedOptions;

export const restartStrategy = {
  /** Always the same pause, a bounded number of times. */
  fixedDelay: (options: FixedDelayOptions): NamedOptions => ({ kind: "fixed-delay", ...options }),
  /** Always the same pause, unless failures come too fast. */
  failureRate: (options: FailureRateOptions): NamedOptions => ({
    kind: "failure-rate",
    ...options,
  }),
  /** Longer and longer pauses, so that what is overloaded is left alone. */
  exponentialDelay: (options: ExponentialDelayOptions): NamedOptions => ({
    kind: "exponential-delay",
    ...options,
  }),
  /** The first failure is the end of the job. */
  none: (): NamedOptions => ({ kind: "none" }),
} as const;

/** Twice may be chance, as with a machine at its limits. */
const SAME_FAILURES_MAX = 3;
const RESTARTS_MAX = 2_147_483_647;
const QUIET_MS = 3_600_000;

/** One second and no end of restarts, but for failures of user code that repeat. */
export const RESTART_DEFAULT: RestartConfig = {
  kind: "fixed-delay",
  delayMs: 1_000,
  restartsMax: RESTARTS_MAX,
  sameFailuresMax: SAME_FAILURES_MAX,
};

const required = (name: string, min: number): NumberOption => ({ name, min, required: true });
const optional = (name: string, min: number): NumberOption => ({ name, min, required: false });
const SAME_FAILURES = optional("sameFailuresMax", 1);

const KNOWN: Readonly<Record<RestartConfig["kind"], readonly NumberOption[]>> = {
  "fixed-delay": [required("delayMs", 0), required("restartsMax", 0), SAME_FAILURES],
  "failure-rate": [
    required("delayMs", 0),
    required("failuresMax", 1),
    required("intervalMs", 1),
    SAME_FAILURES,
  ],
  "exponential-delay": [
    required("delayMs", 1),
    required("delayMsMax", 1),
    optional("factorPerMille", 1_000),
    optional("jitterPerMille", 0),
    optional("resetAfterMs", 1),
    optional("restartsMax", 0),
    SAME_FAILURES,
  ],
  none: [SAME_FAILURES],
};

/** What is wrong with them, one sentence each. */
export function checkRestartOptions(given: RestartOptions): string[] {
  const where = "setRestartStrategy";
  const { kind = "fixed-delay", ...options } = { kind: undefined, ...given };
  if (!Object.hasOwn(KNOWN, kind)) {
    const kinds = Object.keys(KNOWN).join(", ");
    return [`${where}: unknown strategy "${kind}"; known are ${kinds}`];
  }
  return checkOptions(where, options, KNOWN[kind]);
}

/** Of options that are sound. */
export function restartConfig(given: RestartOptions): RestartConfig {
  const { sameFailuresMax = SAME_FAILURES_MAX } = given;
  const options = "kind" in given ? given : restartStrategy.fixedDelay(given);
  switch (options.kind) {
    case "fixed-delay":
    case "failure-rate":
    case "none":
      return { ...options, sameFailuresMax };
    case "exponential-delay": {
      const { factorPerMille = 2_000, jitterPerMille = 100 } = options;
      const { resetAfterMs = QUIET_MS, restartsMax = RESTARTS_MAX } = options;
      const { kind, delayMs, delayMsMax } = options;
      const bounds = { delayMs, delayMsMax, resetAfterMs, restartsMax, sameFailuresMax };
      return { kind, factorPerMille, jitterPerMille, ...bounds };
    }
    default:
      return unreachable(options);
  }
}

/** The longest pause between a failure and the next attempt. */
export function restartDelayMsMax(config: RestartConfig): number {
  switch (config.kind) {
    case "none":
      return 0;
    case "fixed-delay":
    case "failure-rate":
      return config.delayMs;
    case "exponential-delay":
      return config.delayMsMax;
    default:
      return unreachable(config);
  }
}
