/**
 * One process's local disk. What was not synced may be lost, torn or kept by a crash; a create or a
 * rename survives for certain only after `syncDirectory`. Synchronous: a stall is simulated time.
 */
import type { Result } from "../core/result.ts";

export type DiskError = Readonly<
  { kind: "not-found"; path: string } | { kind: "full"; path: string; capacityBytes: number }
>;

export interface Disk {
  /** Replaces the whole file. */
  write(path: string, bytes: Uint8Array): Result<undefined, DiskError>;
  append(path: string, bytes: Uint8Array): Result<undefined, DiskError>;
  read(path: string): Result<Uint8Array, DiskError>;
  /** Bytes `start` (included) to `end` (excluded); fewer where the file ends before. */
  readRange(path: string, start: number, end: number): Result<Uint8Array, DiskError>;
  /** Makes the content of one file durable. */
  sync(path: string): Result<undefined, DiskError>;
  rename(from: string, to: string): Result<undefined, DiskError>;
  delete(path: string): Result<undefined, DiskError>;
  /** Paths with the prefix, in code-unit order. */
  list(prefix: string): readonly string[];
  /** Makes creates, renames and deletes durable. */
  syncDirectory(): void;
}
