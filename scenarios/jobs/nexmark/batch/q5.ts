/** q5, evaluated: of each window in turn the bids within it are counted anew. */
import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { HotItem } from "../q5.ts";

export function evaluateQ5({ bids }: NexmarkEvents): readonly HotItem[] {
  const rows: HotItem[] = [];
  const times = bids.map(({ atMs }) => atMs);
  const lastMs = Math.max(...times);
  const firstEndMs = Math.floor(Math.min(...times) / 2_000) * 2_000;
  for (let endMs = firstEndMs; endMs <= lastMs + 10_000; endMs += 2_000) {
    const within = bids.filter(({ atMs }) => atMs >= endMs - 10_000 && atMs < endMs);
    const counts = new Map<number, number>();
    for (const { auction } of within) counts.set(auction, (counts.get(auction) ?? 0) + 1);
    const most = Math.max(...counts.values());
    for (const [auction, count] of counts) {
      if (count === most) rows.push({ auction, bids: count, endMs });
    }
  }
  return rows;
}
