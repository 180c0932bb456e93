/** What a twin hands to a user's function to put its output into. */
import type { Collector } from "../../src/index.ts";
import type { TwinContext } from "./twin.ts";

/** @param timestampMs of the record or timer in hand, asked for at each output */
export const collectorAt = (
  { emit, emitSide }: Pick<TwinContext, "emit" | "emitSide">,
  timestampMs: () => number,
): Collector<unknown> => ({
  collect: (value) => emit(value, timestampMs()),
  side: (tag, value) => emitSide(tag.id, value, timestampMs()),
});
