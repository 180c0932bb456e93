/**
 * One process's local disk. What was not synced may be lost, torn or kept by a crash, each file for
 * itself and in no order; a create or a rename survives for certain only after `syncDirectory`.
 *
 * A disk in use may refuse, and it may lie: what is read need not be what was written, though it reads the
 * same the next time. Whoever reads has a checksum to go by, kept somewhere else.
 *
 * Synchronous: how long accesses take is told by `doneAtUs`.
 */
import type { Result } from "../core/result.ts";

export type DiskError = Readonly<
  | { kind: "not-found"; path: string }
  | { kind: "full"; path: string; capacityBytes: number }
  /** The device could not do it, and will not the next time: a bad sector, a sync that went wrong. */
  | { kind: "failed"; path: string }
>;

export interface Disk {
  /** Replaces the whole file. */
  write(path: string, bytes: Uint8Array): Result<undefined, DiskError>;
  append(path: string, bytes: Uint8Array): Result<undefined, DiskError>;
  /** All of it. */
  read(path: string): Result<Uint8Array, DiskError>;
  /**
   * From byte `start` (included) towards `end` (excluded), as far as the disk likes to read at a time: at
   * least one byte where there is one. Who wants all of them asks on.
   */
  readRange(path: string, start: number, end: number): Result<Uint8Array, DiskError>;
  /**
   * Makes the content of one file durable. After `failed`, what was to become durable never will, though it
   * can still be read and another sync may succeed: only bytes that are written again are worth a sync.
   */
  sync(path: string): Result<undefined, DiskError>;
  rename(from: string, to: string): Result<undefined, DiskError>;
  delete(path: string): Result<undefined, DiskError>;
  /** Paths with the prefix, in code-unit order. */
  list(prefix: string): readonly string[];
  /** Makes creates, renames and deletes durable. */
  syncDirectory(): void;
  /** When the last access so far is through, on the host's clock; a host whose calls block answers 0. */
  doneAtUs(): number;
}
