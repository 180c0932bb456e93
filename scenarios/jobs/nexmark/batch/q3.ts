/** q3, evaluated: every fitting person is held against every auction. */
import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { Suggestion } from "../q3.ts";

export function evaluateQ3({ persons, auctions }: NexmarkEvents): readonly Suggestion[] {
  const rows: Suggestion[] = [];
  for (const { id, name, city, state } of persons) {
    if (state !== "OR" && state !== "ID" && state !== "CA") continue;
    for (const { id: auction, seller, category } of auctions) {
      if (seller === id && category === 10) rows.push({ name, city, state, auction });
    }
  }
  return rows;
}
