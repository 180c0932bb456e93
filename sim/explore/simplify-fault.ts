/**
 * One fault of a failing plan, made simpler: sooner, shorter, at the first note rather than the ninth.
 *
 * Each number is tried at its least, and failing that halved towards it as long as the run still
 * fails; simulated times at which a fault strikes are rounded instead, since earlier is not simpler,
 * but 4,000 is simpler than 4,137.
 */
import type { FaultHandler } from "../faults/fault.ts";
import { faultHandlers } from "../faults/registry.ts";
import type { Moment } from "../moment.ts";
import type { Fault } from "../plan.ts";

/** True when the run still fails with this fault in the other's place. */
export type TryFault = (fault: Fault) => boolean;

const ROUND_MS = [10_000, 1_000, 100, 10] as const;
/** How long the fault lasts, and how much it breaks. */
const LEAST = { restartAfterMs: 0, forMs: 1, extraMs: 1, count: 1, times: 2, accessMs: 1 } as const;
/** The rest of a bisection that is not worth its runs: one part in this many. */
const PRECISION = 16;

export function simplifyFault(original: Fault, attempt: TryFault): void {
  let fault = original;
  const keep = (candidate: Fault): boolean => {
    if (!attempt(candidate)) return false;
    fault = candidate;
    return true;
  };
  while (simplerKinds(fault).some(keep));
  simplifyMoment(fault.when, (when) => keep({ ...fault, when } as Fault));
  for (const [name, least] of Object.entries(LEAST)) {
    const fields: Readonly<Record<string, unknown>> = fault;
    const value = fields[name];
    if (typeof value !== "number") continue;
    // The field is there and stays a number, so the fault stays one of its kind.
    lower(value, least, (lowered) => keep({ ...fault, [name]: lowered } as Fault));
  }
}

/** What is no number: once rather than again, and fewer processes. */
function simplerKinds(fault: Fault): readonly Fault[] {
  const handler = faultHandlers[fault.kind] as FaultHandler<typeof fault.kind>;
  const fewer = (handler.simpler?.(fault as never) ?? []) as readonly Fault[];
  if (!("again" in fault)) return fewer;
  const { again, ...once } = fault;
  const seldom = again.times > 1 ? [{ ...fault, again: { ...again, times: again.times - 1 } }] : [];
  return [once, ...fewer, ...seldom];
}

/** A step is where it is: an earlier one of its kind is another story. */
function simplifyMoment(original: Fault["when"], attempt: (when: Moment) => boolean): void {
  if ("step" in original) return;
  if ("atMs" in original) {
    const { atMs } = original;
    const rounded = ROUND_MS.map((unit) => atMs - (atMs % unit)).filter((ms) => ms < atMs);
    [...new Set([0, ...rounded])].some((ms) => ms < atMs && attempt({ atMs: ms }));
    return;
  }
  let moment = original;
  const keep = (candidate: typeof moment): boolean => {
    if (!attempt(candidate)) return false;
    moment = candidate;
    return true;
  };
  lower(moment.afterMs, 0, (afterMs) => keep({ ...moment, afterMs }));
  lower(moment.nth, 1, (nth) => keep({ ...moment, nth }));
}

/** Brings `value` down as far as `attempt` goes along; `least` at once, or by halving the way. */
function lower(value: number, least: number, attempt: (value: number) => boolean): void {
  if (value <= least || attempt(least)) return;
  let refused = least;
  let accepted = value;
  while (accepted - refused > Math.max(1, Math.floor(accepted / PRECISION))) {
    const middle = Math.floor((refused + accepted) / 2);
    if (attempt(middle)) accepted = middle;
    else refused = middle;
  }
}
