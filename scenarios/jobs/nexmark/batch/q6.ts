/** q6, evaluated: at each sale the seller's sales up to it are looked through anew. */
import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { SellerPrice } from "../q6.ts";
import { winningBidsOf } from "./winning-bids.ts";

export function evaluateQ6(events: NexmarkEvents): readonly SellerPrice[] {
  const sales = [...winningBidsOf(events)];
  sales.sort(([a], [b]) => a.expiresMs - b.expiresMs || a.id - b.id);
  return sales.map(([{ id, seller }], i) => {
    const ofSeller = sales.slice(0, i + 1).filter(([auction]) => auction.seller === seller);
    const prices = ofSeller.slice(-10).map(([, bid]) => bid.price);
    const total = prices.reduce((sum, price) => sum + price, 0);
    return { seller, auction: id, average: Math.floor(total / prices.length) };
  });
}
