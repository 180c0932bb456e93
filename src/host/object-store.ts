/**
 * The shared store of checkpoints: atomic objects under text paths; slow, and not always honest about
 * what became of a request.
 *
 * `timeout` is the hard one: the outcome is unknown. Such a request takes effect within
 * `LATE_EFFECT_MS_MAX` of being issued, or never; a clean-up that has to be sure waits that long.
 * `unavailable` and `throttled` say that nothing was done; who is throttled asks too much, and does better to
 * wait. Lists are in code-unit order of the paths. Where a list decides what there is (which checkpoint is
 * the newest, what a savepoint consists of) it has to show all effects so far: a store whose lists are late
 * needs help for those, as S3 did from a table beside it before 2020. Looking for leftovers does not.
 */
import type { Result } from "../core/result.ts";

export const LATE_EFFECT_MS_MAX = 2_000;

export type StoreError = Readonly<
  | { kind: "timeout"; path: string }
  | { kind: "unavailable"; path: string }
  | { kind: "throttled"; path: string }
  | { kind: "exists"; path: string }
  | { kind: "not-found"; path: string }
>;

export type StoreDone<T> = (result: Result<T, StoreError>) => void;

/** A stretch of an object, and how many bytes the whole of it has. */
export type ObjectPart = Readonly<{ bytes: Uint8Array; size: number }>;

export interface ObjectStore {
  /** With `ifAbsent` an existing object stays as it is and the answer is `exists`. Takes a copy. */
  put(path: string, bytes: Uint8Array, ifAbsent: boolean, done: StoreDone<undefined>): void;
  /**
   * What stands from `offset` on, as far as the store likes to read at a time: at least one byte where
   * there is one. Who wants all of it asks on (`../runtime/read-object.ts`).
   */
  get(path: string, offset: number, done: StoreDone<ObjectPart>): void;
  /** All effects so far. */
  list(prefix: string, done: StoreDone<readonly string[]>): void;
  /** Each path as it was at some time before: what came or went lately may show or not. */
  listLate(prefix: string, done: StoreDone<readonly string[]>): void;
  /** Deleting what is absent succeeds. */
  delete(path: string, done: StoreDone<undefined>): void;
}
