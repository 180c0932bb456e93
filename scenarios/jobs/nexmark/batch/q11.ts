/** q11, evaluated: the times of each bidder in order, cut where the next one is too far. */
import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { BidderSession } from "../q11.ts";

export function evaluateQ11({ bids }: NexmarkEvents): readonly BidderSession[] {
  const rows: BidderSession[] = [];
  const bidders = [...new Set(bids.map(({ bidder }) => bidder))];
  for (const bidder of bidders) {
    const times = bids.filter((bid) => bid.bidder === bidder).map(({ atMs }) => atMs);
    times.sort((a, b) => a - b);
    let first = 0;
    for (const [i, atMs] of times.entries()) {
      // A bid just ten seconds behind the one before still joins it: the two windows touch.
      const next = times[i + 1] ?? Infinity;
      if (next - atMs <= 10_000) continue;
      const startMs = times[first]!;
      rows.push({ bidder, bids: i + 1 - first, startMs, endMs: atMs + 10_000 });
      first = i + 1;
    }
  }
  return rows;
}
