/** How long one hop takes: uniform, with a tail. Always two draws, so that options shift no others. */
import type { Random } from "../../src/index.ts";
import type { Latency } from "../plan.ts";

/** Integer microseconds, 1 or more: nothing arrives in the instant it was sent. */
export function drawLatencyUs(random: Random, latency: Latency): number {
  const usual = random.integer(latency.minUs, latency.maxUs);
  const late = random.chance(latency.tailPerMille);
  return Math.max(1, late ? usual + latency.tailUs : usual);
}
