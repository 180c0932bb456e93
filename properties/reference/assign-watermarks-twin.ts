/**
 * The plain twin of timestamps and watermarks that are assigned on the way: one generator for the
 * whole stream, whose watermark leaves instead of those that come. The last one passes.
 *
 * Nobody falls silent here, so there is no idleness.
 */
import type { LogicOf, Twin, TwinContext } from "./twin.ts";
import { createWatermarks } from "./watermarks.ts";

export function createAssignWatermarksTwin(
  { watermarks: spec }: LogicOf<"assign-watermarks">,
  { clocks, emit }: TwinContext,
): Twin {
  const watermarks = createWatermarks(spec);
  return {
    receive(_input, value, timestampMs) {
      const ownMs =
        spec.timestampOf === undefined ? timestampMs : spec.timestampOf(value, timestampMs);
      watermarks.onRecord(value, ownMs);
      emit(value, ownMs);
    },
    outputWatermarkMs() {
      const ended = clocks.watermarkMs() === Number.POSITIVE_INFINITY;
      return ended ? Number.POSITIVE_INFINITY : watermarks.currentMs();
    },
  };
}
