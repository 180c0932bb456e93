/**
 * Tables outside that sinks write to: rows by key, the last one of a key in the place of those before.
 *
 * Two ways to write: epochs, which enter a table whole and in order, and single rows with a version. Both
 * bear that the same request is made twice, and that one takes effect late. Answers come later, and may
 * be `timeout`, or `unavailable`, though the work was done.
 */
import type { Result } from "../core/result.ts";
import type { RowBatch } from "./services.ts";

/** As many keys as rows; where a key comes twice, the later row counts. */
export type KeyedRows = Readonly<{ keys: RowBatch; rows: RowBatch }>;

/**
 * One life of a writer: a run of epochs that rise. The table has numbered it, so no other life of this
 * writer, in whatever run of whatever job, is taken for it (C102).
 */
export type WriterLife = Readonly<{ writer: string; life: number }>;

/** What a table holds of a life before its first epoch. */
export const NO_EPOCH = -1;

/** Of a row: newer attempts come after older ones, and within one they are counted. */
export type RowVersion = Readonly<{ attempt: number; number: number }>;

export type TableError = Readonly<
  { kind: "timeout" } | { kind: "unavailable" } | { kind: "refused"; why: string }
>;

export type TableDone = (result: Result<undefined, TableError>) => void;

export interface UpsertTables {
  /** A number that this writer was never given before, from 1. */
  beginLife(
    table: string,
    writer: string,
    done: (result: Result<number, TableError>) => void,
  ): void;
  /** The last epoch of this life that is in the table, whoever put it there. */
  readEpoch(
    table: string,
    life: WriterLife,
    done: (result: Result<number, TableError>) => void,
  ): void;
  /**
   * Puts rows into the table and notes the epoch, both at once. Where the table holds that one or a later
   * one of this life nothing changes, and that is a success. Takes a copy.
   */
  putEpoch(table: string, life: WriterLife, epoch: number, rows: KeyedRows, done: TableDone): void;
  /** Puts rows, but leaves those that are there under a higher version. Takes a copy. */
  put(table: string, version: RowVersion, rows: KeyedRows, done: TableDone): void;
}
