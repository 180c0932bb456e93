/**
 * Failures of user code that come again: how often each has ended an attempt of the job.
 *
 * A record that a function cannot take fails every attempt that reads it, and restarting would go on
 * for ever. So attempts are counted that ended by one and the same failure: the same operator, the
 * same text, which names the record.
 *
 * What the world does in between (a lost process, a broken channel) neither counts nor starts the
 * count again; nor do checkpoints that complete, since they say nothing of the record that fails; nor do
 * other failures of user code, since two records may fail in turn. A new leader counts anew.
 *
 * RF1  Every failure of user code that ends `sameFailuresMax` attempts is the last, as long as no more
 *      than `FAILURES_KEPT_MAX` differ.
 *
 * Not here: what follows from it (`failover.ts`).
 */
import type { OperatorUid } from "../core/ids.ts";

/** What a function threw: whose it is, and the text of a `UserFunctionError`. */
export type UserFailure = Readonly<{ uid: OperatorUid; why: string }>;

/** The latest first. */
export type RepeatedFailures = readonly Readonly<{ why: string; attempts: number }>[];

/** A function that never fails with the same text twice is stopped by `restartsMax` alone. */
export const FAILURES_KEPT_MAX = 16;

/** With an attempt more that `failure` has ended; its own count comes first. */
export function countFailure(failures: RepeatedFailures, { why }: UserFailure): RepeatedFailures {
  const known = failures.find((each) => each.why === why);
  const others = failures.filter((each) => each !== known);
  return [{ why, attempts: (known?.attempts ?? 0) + 1 }, ...others].slice(0, FAILURES_KEPT_MAX);
}

/** What to tell of a failure that was the last. */
export const lastFailureText = ({ uid, why }: UserFailure, attempts: number): string =>
  `${why}; this has ended ${attempts} ${attempts === 1 ? "attempt" : "attempts"} and would end the ` +
  `next as well: mend operator "${uid}" or filter out what it cannot take, then run the job again ` +
  "(setRestartStrategy: sameFailuresMax says how often to try)";
