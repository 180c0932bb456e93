/** q10, evaluated: all bids are sorted, and files named by the calendar of the language. */
import type { NexmarkEvents } from "../../../data/nexmark.ts";
import type { LogLine } from "../q10.ts";

export function evaluateQ10({ bids }: NexmarkEvents): readonly LogLine[] {
  const written = new Map<string, number>();
  const inOrder = [...bids].sort((a, b) => a.atMs - b.atMs);
  return inOrder.map(({ auction, bidder, price, atMs, extra }) => {
    // "2015-07-15T23:59:00.250Z"
    const [day = "", time = ""] = new Date(atMs).toISOString().split("T");
    const [hour = "", minute = ""] = time.split(":");
    const file = `${day}/${hour}-${minute}/part-${auction % 2 === 0 ? 0 : 1}`;
    const line = (written.get(file) ?? 0) + 1;
    written.set(file, line);
    return { file, line, auction, bidder, price, atMs, extra };
  });
}
