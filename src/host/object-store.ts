/**
 * The shared store of checkpoints: atomic objects under text paths; slow, and not always honest about
 * what became of a request.
 *
 * `timeout` is the hard one: the outcome is unknown. Such a request takes effect within
 * `LATE_EFFECT_MS_MAX` of being issued, or never; a clean-up that has to be sure waits that long.
 * Lists are strongly consistent, in code-unit order of the paths.
 */
import type { Result } from "../core/result.ts";

export const LATE_EFFECT_MS_MAX = 2_000;

export type StoreError = Readonly<
  | { kind: "timeout"; path: string }
  | { kind: "unavailable"; path: string }
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
  list(prefix: string, done: StoreDone<readonly string[]>): void;
  /** Deleting what is absent succeeds. */
  delete(path: string, done: StoreDone<undefined>): void;
}
