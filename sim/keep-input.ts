/** The part of an input that a plan keeps: what the shrinker has found to be enough. */
import type { Input } from "./history.ts";
import type { Plan } from "./plan.ts";

/** Indices that the input does not have are passed over. */
export function keepInput(input: Input, keep: Plan["keep"]): Input {
  if (keep === undefined) return input;
  return new Map(
    [...input].map(([topic, partitions]) => {
      const kept = keep[topic];
      if (kept === undefined) return [topic, partitions] as const;
      return [
        topic,
        partitions.map((records, index) => {
          const indices = new Set(kept[index] ?? []);
          return records.filter((_, at) => indices.has(at));
        }),
      ] as const;
    }),
  );
}
