/** Faults that come more than once: a process that dies whenever it is started, a link that flaps. */
import type { Random } from "../../src/index.ts";
import { counted, grouped } from "../grouped.ts";

export type Again = Readonly<{
  /** After the first time. */
  times: number;
  /** From each healing to the next strike. */
  afterMs: number;
}>;

const AGAIN_PER_MILLE = 150;
const TIMES_MAX = 5;
/** Short enough that what has just begun is struck again before it is done. */
const AFTER_MS: readonly number[] = [1, 5, 20, 50, 100, 300, 1_000];

/** All the time it takes, where one time takes so long. */
export const lastsAgainMs = (onceMs: number, again: Again | undefined): number =>
  again === undefined ? onceMs : onceMs + again.times * (onceMs + again.afterMs);

/** A few of the seeds, and no more often than there is time for. */
export function drawAgain(
  random: Random,
  onceMs: number,
  lastsMsMax: number,
): Readonly<{ again?: Again }> {
  const wanted = random.chance(AGAIN_PER_MILLE);
  const afterMs = random.pick(AFTER_MS);
  const times = random.integer(1, TIMES_MAX);
  const room = Math.floor((lastsMsMax - 1 - onceMs) / (onceMs + afterMs));
  return wanted && room >= 1 ? { again: { times: Math.min(times, room), afterMs } } : {};
}

export const describeAgain = (again: Again | undefined): string =>
  again === undefined
    ? ""
    : `, and ${counted(again.times, "time")} more, each ${grouped(again.afterMs)} ms later`;
