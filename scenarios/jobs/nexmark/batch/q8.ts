/** q8, evaluated: for each person all auctions are looked through. */
import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { NewSeller } from "../q8.ts";

export function evaluateQ8({ persons, auctions }: NexmarkEvents): readonly NewSeller[] {
  const rows: NewSeller[] = [];
  for (const { id, name, atMs } of persons) {
    const startMs = atMs - (atMs % 10_000);
    const opened = auctions.some(
      (auction) =>
        auction.seller === id && auction.atMs >= startMs && auction.atMs < startMs + 10_000,
    );
    if (opened) rows.push({ id, name, startMs });
  }
  return rows;
}
