/**
 * The outside systems of a job: a partitioned, replayable log that it reads, a transactional ledger
 * that it writes to, and services that it asks. All answer later, and all may answer `timeout` though
 * they did the work, or `unavailable`: nobody is there to do it now, and it may be asked again.
 */
import type { Result } from "../core/result.ts";

/** A run of records of one partition; record i is `bytes[ends[i-1] ?? start, ends[i])`. */
export type LogBatch = Readonly<{
  /** It may be before the one that was asked for: logs give out whole batches, as they were written. */
  firstOffset: number;
  /**
   * Of each record, never falling, where several may share one, as those of a batch or transaction
   * do; all that share one are in the same batch. Absent: each has its own.
   */
  offsets?: readonly number[];
  bytes: Uint8Array;
  start: number;
  ends: readonly number[];
  timestampsMs: readonly number[];
  /** True when no record will ever follow the last one of this batch. */
  endOfPartition: boolean;
}>;

export type LogError = Readonly<
  | { kind: "timeout" }
  /** It has no leader at the moment. */
  | { kind: "unavailable"; topic: string; partition: number }
  | { kind: "unknown-topic"; topic: string }
  | { kind: "out-of-range"; topic: string; partition: number; offset: number; available: number }
  /** The record was there, and is not kept any more: the log begins at `first`. */
  | { kind: "trimmed"; topic: string; partition: number; offset: number; first: number }
>;

/** Where reading begins in a partition that no checkpoint knows; resolved once, then kept (C107). */
export type StartPosition = Readonly<
  | { kind: "earliest" | "latest" }
  /** The first record that is not older; behind all that is there if each of them is. */
  | { kind: "timestamp"; timestampMs: number }
>;

/** They are numbered from 0. `final`: there will never be more. */
export type TopicPartitions = Readonly<{ count: number; final: boolean }>;

/** Where reading begins, or goes on. */
export type LogPosition = Readonly<{ partition: number; offset: number }>;

export interface PartitionedLog {
  partitions(topic: string, done: (result: Result<TopicPartitions, LogError>) => void): void;
  /** The offsets that `start` means now: one for each of `partitions`, in their order. */
  offsets(
    topic: string,
    partitions: readonly number[],
    start: StartPosition,
    done: (result: Result<readonly number[], LogError>) => void,
  ): void;
  /**
   * About `recordsMax` records from `offset` on: more only where they share the last offset, or where some
   * before `offset` come along. Where none is there yet the answer waits for one, at most a poll time-out,
   * and may then have nothing new.
   */
  read(
    topic: string,
    partition: number,
    offset: number,
    recordsMax: number,
    done: (result: Result<LogBatch, LogError>) => void,
  ): void;
  /**
   * For people and for whoever keeps the log tidy: `reader` has these records behind it for good. It is
   * a hint that may get lost, and nothing is restored from it (C108).
   */
  acknowledge(topic: string, reader: string, positions: readonly LogPosition[]): void;
}

/**
 * One transaction: `producer` names the writing subtask ("job/uid/0"), `attempt` fences its older
 * selves, `number` counts its transactions. Unique over sinks, subtasks and attempts (C100).
 */
export type TransactionId = Readonly<{ producer: string; attempt: number; number: number }>;

/** Where a transaction stands among those of its producer: by attempt, then by number. */
export type TransactionPosition = Pick<TransactionId, "attempt" | "number">;

export type LedgerError = Readonly<
  /** Both: it may have happened, or may happen yet; the same request may be made again. */
  | { kind: "timeout" }
  | { kind: "unavailable" }
  /** A newer attempt of the same producer has fenced this one off. */
  | { kind: "fenced"; producer: string; attempt: number; by: number }
  | { kind: "unknown-transaction"; id: string }
  /** The ledger has given it up, for its age alone: what it held is lost. */
  | { kind: "expired"; id: string }
  | { kind: "wrong-state"; id: string; state: string; expected: string }
  | { kind: "incomplete"; id: string; rows: number; expected: number }
>;

/** Rows as one piece of bytes: row i is `bytes[ends[i-1] ?? 0, ends[i])`. */
export type RowBatch = Readonly<{ bytes: Uint8Array; ends: readonly number[] }>;

/** A batch of rows that are bytes already. */
export function rowBatch(rows: readonly Uint8Array[]): RowBatch {
  const ends: number[] = [];
  let end = 0;
  for (const row of rows) ends.push((end += row.length));
  const bytes = new Uint8Array(end);
  rows.forEach((row, i) => bytes.set(row, ends[i]! - row.length));
  return { bytes, ends };
}

export type LedgerDone = (result: Result<undefined, LedgerError>) => void;

export interface TransactionalLedger {
  /**
   * Aborts every transaction of `producer` by an attempt below `attempt`, save those in `keep`, and
   * refuses such attempts from now on: they may commit what is pre-committed, and nothing else.
   */
  fence(producer: string, attempt: number, keep: readonly TransactionId[], done: LedgerDone): void;
  /**
   * The same, but keeps all up to `last`: whoever writes and leaves commits to another cannot know
   * which of them are committed by now.
   */
  fenceBehind(producer: string, attempt: number, last: TransactionPosition, done: LedgerDone): void;
  /**
   * Adds rows to an open transaction; the first write opens it. `firstRow` counts the rows before
   * this batch, so that a repeated batch is recognised and applied once. Takes a copy. A
   * transaction writes to one sink.
   */
  write(id: TransactionId, sink: string, firstRow: number, rows: RowBatch, done: LedgerDone): void;
  /** After this the transaction survives its writer. `rows` must match what was written. */
  preCommit(id: TransactionId, rows: number, done: LedgerDone): void;
  /** Idempotent: committing what is committed succeeds. `checkpointId` is recorded for the judge. */
  commit(id: TransactionId, checkpointId: number, done: LedgerDone): void;
  /** Idempotent; refused for what is committed. */
  abort(id: TransactionId, done: LedgerDone): void;
}

/** "job/uid/0#2.1:7": for paths, errors and maps; unique when the three parts are. */
export const transactionText = (id: TransactionId): string =>
  `${id.producer}#${id.attempt}:${id.number}`;

export type ServiceError = Readonly<{ kind: "timeout" } | { kind: "failed"; why: string }>;

export type ServiceDone = (result: Result<Uint8Array, ServiceError>) => void;

/** Services that answer requests, each known by its name. */
export interface RequestServices {
  /**
   * Takes a copy of the request. What travels may be doubled on its way, so one call may be answered
   * twice, and differently: "timeout" first and the response later, for example. It may as well be lost,
   * so a call may never be answered: whoever calls keeps the time.
   */
  call(service: string, request: Uint8Array, done: ServiceDone): void;
}
