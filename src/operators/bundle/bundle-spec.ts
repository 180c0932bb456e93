/** Pre-aggregation: several records of one key become one before they travel on. */
import type { TypeSerializer } from "../../types/type.ts";
import type { AggregateFunction } from "../functions.ts";

/**
 * Gathers by key and emits when `recordsMax` records are in the bundle, before a barrier, before a
 * watermark, and at the end: so it keeps nothing that a checkpoint would have to hold. No key
 * exchange in front of it: it bundles what its subtask happens to see.
 */
export type BundleSpec<K = unknown, I = unknown, A = unknown, O = unknown> = Readonly<{
  key: (value: I) => K;
  keyType: TypeSerializer<K>;
  /** 1 or more. */
  recordsMax: number;
  aggregate: Pick<AggregateFunction<I, A, unknown>, "createAccumulator" | "add">;
  emit: (key: K, accumulator: A) => O;
}>;

/** What is wrong with it; `where` names the operator. */
export function checkBundle(where: string, { recordsMax }: BundleSpec): string[] {
  if (Number.isSafeInteger(recordsMax) && recordsMax >= 1) return [];
  return [`${where}: recordsMax is ${recordsMax}; give an integer from 1 up`];
}
