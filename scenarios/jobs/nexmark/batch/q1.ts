/** q1, evaluated: in whole thousandths of a cent. */
import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { EuroBid } from "../q1.ts";

export function evaluateQ1({ bids }: NexmarkEvents): readonly EuroBid[] {
  const rows: EuroBid[] = [];
  for (const { auction, bidder, price, atMs, extra } of bids) {
    // In whole thousandths first: 908 of them to the dollar.
    const thousandths = price * 908;
    rows.push({ auction, bidder, price: thousandths / 1_000, atMs, extra });
  }
  return rows;
}
