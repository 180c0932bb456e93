/** NexMark q14 in plain loops. */
import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { Calculated } from "../q14.ts";

export function evaluateQ14({ bids }: NexmarkEvents): readonly Calculated[] {
  const rows: Calculated[] = [];
  for (const { auction, bidder, price: dollars, atMs, extra } of bids) {
    const price = 0.908 * dollars;
    if (price <= 1_000_000 || price >= 50_000_000) continue;
    const hour = new Date(atMs).getUTCHours();
    // 7 and 19 o'clock are neither by day nor at night.
    const isOther = hour === 7 || hour === 19;
    const bidTimeType = isOther ? "otherTime" : hour > 7 && hour < 19 ? "dayTime" : "nightTime";
    const cCounts = extra.split("c").length - 1;
    rows.push({ auction, bidder, price, bidTimeType, atMs, extra, cCounts });
  }
  return rows;
}
