/**
 * The interval of an interval join with both ends included: times are whole milliseconds, so an
 * excluded end lies one further in.
 */
import type { IntervalJoinSpec } from "./join-spec.ts";

export const closedBounds = ({
  lowerMs,
  upperMs,
  lowerExclusive,
  upperExclusive,
}: Pick<IntervalJoinSpec, "lowerMs" | "upperMs" | "lowerExclusive" | "upperExclusive">): readonly [
  fromMs: number,
  toMs: number,
] => [lowerExclusive ? lowerMs + 1 : lowerMs, upperExclusive ? upperMs - 1 : upperMs];
