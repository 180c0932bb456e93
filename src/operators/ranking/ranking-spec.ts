/** What a job says of de-duplication and of the best so many by key. Both put out a changelog or rows. */
import type { TypeSerializer } from "../../types/type.ts";

/**
 * "first": the first record of each key, as it comes, never taken back. "last": a changelog that at the
 * end holds the last record of each key, by event time (ties: the later to arrive).
 */
export type DeduplicateSpec<T = unknown> = Readonly<{
  keep: "first" | "last";
  type: TypeSerializer<T>;
}>;

/** A changelog that holds, for each key, the `count` first rows in the order of `compare`. */
export type TopNSpec<T = unknown> = Readonly<{
  count: number;
  /** Negative: `left` ranks first. Rows that compare as 0 rank by their bytes. */
  compare: (left: T, right: T) => number;
  type: TypeSerializer<T>;
}>;
