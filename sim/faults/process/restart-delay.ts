/** How long whoever died is away: most often seconds, sometimes hardly, sometimes until all is quiet. */
import type { Random } from "../../../src/index.ts";

export const RESTART_MS_MIN = 50;
const USUAL_MS_MAX = 4_000;
const SHORT_MS_MAX = 150;
const SHORT_PER_MILLE = 200;
const FOR_GOOD_PER_MILLE = 60;

/** Of those that come back by themselves, at most this. Others are brought back at the quiet point. */
export function drawRestartMs(random: Random, lastsMsMax: number): number {
  const mostMs = Math.max(RESTART_MS_MIN, lastsMsMax - 1);
  const usualMs = random.integer(RESTART_MS_MIN, USUAL_MS_MAX);
  const shortMs = random.integer(RESTART_MS_MIN, SHORT_MS_MAX);
  if (random.chance(FOR_GOOD_PER_MILLE)) return mostMs;
  return Math.min(mostMs, random.chance(SHORT_PER_MILLE) ? shortMs : usualMs);
}
