/**
 * How far the sources of one group have come in event time, and so how far each of them may go.
 *
 * What joins or windows several sources keeps whatever it has of the faster ones until the slowest
 * has come by. So those that are too far ahead wait, and are told how far they may go:
 *
 *   member --level: its watermark--> minimum of the group --limit: minimum and drift--> every member
 *
 * A level is plus infinity while its member is idle or has ended, minus infinity before it has a
 * watermark. Levels and limits are repeated, so it does not matter which of them get lost.
 *
 * AL1  The minimum is over the members that are neither idle nor at their end, and stays where it is
 *      while there are none (C83).
 * AL2  A member that has not been heard of holds the group at minus infinity: it may be the slowest.
 * AL3  The minimum never falls, so of limits that overtake each other the highest is the newest. Who
 *      comes back behind it is waited for where the others are by then.
 * AL4  The slowest member is never above the limit, so somebody can always go on.
 *
 * Source: FLIP-182, FLIP-217; in Flink, SourceCoordinator.WatermarkAggregator. We differ: a member not
 * heard of holds the group there only once it has reported, and limits may fall.
 * Not here: who tells whom (`../runtime/alignment-groups.ts`), who waits (`../connectors/log-source.ts`).
 */
import { assert } from "../core/assert.ts";
import { WATERMARK_MAX, WATERMARK_MIN } from "../core/element.ts";
import type { Step } from "../core/machine.ts";

export type Alignment = Readonly<{
  /** By member. */
  levels: readonly number[];
  minimumMs: number;
}>;

export type AlignmentEffect = Readonly<
  | { kind: "raise"; minimumMs: number }
  | { kind: "ignore"; why: "all-idle-or-ended" | "minimum-stays" }
>;
type AlignmentStep = Step<Alignment, AlignmentEffect>;

export const createAlignment = (memberCount: number): Alignment => ({
  levels: Array.from({ length: memberCount }, () => WATERMARK_MIN), // AL2
  minimumMs: WATERMARK_MIN,
});

/** @param member 0 to the count of members - 1 */
export function onLevel(state: Alignment, member: number, levelMs: number): AlignmentStep {
  const { levels, minimumMs } = state;
  assert(member in levels, () => `member ${member} of a group of ${levels.length}`);
  assert(levelMs === levelMs, () => `the level of member ${member} is NaN`);
  const changed = levels.map((old, i) => (i === member ? levelMs : old));
  const lowestMs = Math.min(...changed);
  const kept = { levels: changed, minimumMs };
  if (lowestMs === WATERMARK_MAX) {
    return { state: kept, effects: [{ kind: "ignore", why: "all-idle-or-ended" }] };
  }
  if (lowestMs <= minimumMs) {
    return { state: kept, effects: [{ kind: "ignore", why: "minimum-stays" }] };
  }
  const raised = { levels: changed, minimumMs: lowestMs };
  return { state: raised, effects: [{ kind: "raise", minimumMs: lowestMs }] };
}

/** The highest watermark with which a member still reads on. */
export const limitOf = ({ minimumMs }: Alignment, driftMsMax: number): number =>
  minimumMs + driftMsMax;
