/** The first record of each key by arrival, or a changelog of the last by event time. */
import { keyText } from "./key-text.ts";
import type { LogicOf, Twin, TwinContext } from "./twin.ts";

export function createDeduplicateTwin(
  { key, keyType, spec }: LogicOf<"deduplicate">,
  { emit }: TwinContext,
): Twin {
  const kept = new Map<string, Readonly<{ row: unknown; timestampMs: number }>>();
  return {
    receive(_input, row, timestampMs) {
      const text = keyText(keyType, key(row));
      const before = kept.get(text);
      if (spec.keep === "first") {
        if (before !== undefined) return;
        kept.set(text, { row, timestampMs });
        emit(row, timestampMs);
        return;
      }
      if (before !== undefined && before.timestampMs > timestampMs) return;
      kept.set(text, { row, timestampMs });
      if (before !== undefined) emit({ op: "delete", row: before.row }, timestampMs);
      emit({ op: "insert", row }, timestampMs);
    },
  };
}
