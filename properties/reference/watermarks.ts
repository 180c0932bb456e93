/**
 * The watermarks of one partition, or of one stream: from the job's own generator, or the highest
 * timestamp less the tolerated disorder and 1 ms. Never going back.
 */
import type { WatermarkSpec } from "../../src/index.ts";

export type Watermarks = Readonly<{
  onRecord(value: unknown, timestampMs: number): void;
  currentMs(): number;
}>;

export function createWatermarks({ generation }: WatermarkSpec): Watermarks {
  let currentMs = Number.NEGATIVE_INFINITY;
  const raise = (watermarkMs: number): void => {
    currentMs = Math.max(currentMs, watermarkMs);
  };
  switch (generation.kind) {
    case "none":
      return { onRecord: () => undefined, currentMs: () => currentMs };
    case "bounded-out-of-orderness":
      return {
        onRecord: (_value, timestampMs) => raise(timestampMs - generation.outOfOrderMsMax - 1),
        currentMs: () => currentMs,
      };
    case "custom": {
      const generator = generation.create();
      const out = { emitWatermark: raise };
      return {
        onRecord(value, timestampMs) {
          generator.onRecord(value, timestampMs, out);
          generator.onPeriodicEmit(out);
        },
        currentMs: () => currentMs,
      };
    }
  }
}
