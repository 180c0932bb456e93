/**
 * Pre-aggregation in the reference: bundles of one record each.
 *
 * How records fall into bundles depends on barriers, watermarks and what a subtask happens to see, so
 * this is the right answer only for jobs that add up what comes out of a bundle, and show the sum
 * once all of it has come.
 */
import type { LogicOf, Twin, TwinContext } from "./twin.ts";

export function createBundleTwin({ spec }: LogicOf<"bundle">, context: TwinContext): Twin {
  const { key, aggregate, emit } = spec;
  return {
    receive(_input, value, timestampMs) {
      const accumulator = aggregate.add(value, aggregate.createAccumulator());
      context.emit(emit(key(value), accumulator), timestampMs);
    },
  };
}
