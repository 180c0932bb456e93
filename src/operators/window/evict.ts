/** What an evictor leaves of a window's content. Source: Flink, CountEvictor, TimeEvictor, DeltaEvictor. */
import { unreachable } from "../../core/assert.ts";
import type { Evictor, Timestamped } from "./window-spec.ts";

/** @param content in order of arrival; not empty */
export function keptOf<T>(
  content: readonly Timestamped<T>[],
  keep: Evictor<T>["keep"],
): readonly Timestamped<T>[] {
  switch (keep.kind) {
    case "count":
      return content.slice(-keep.countMax);
    case "time": {
      const newestMs = content.reduce((most, each) => Math.max(most, each.timestampMs), -Infinity);
      const fromMs = newestMs - keep.ageMsMax;
      // Records without a time are as old as one another.
      return content.filter(({ timestampMs }) => timestampMs >= fromMs);
    }
    case "delta": {
      const { delta, threshold } = keep;
      const newest = content.at(-1)!.value;
      return content.filter(({ value }) => delta(value, newest) < threshold);
    }
    case "custom":
      return keep.keep(content);
    default:
      return unreachable(keep);
  }
}
