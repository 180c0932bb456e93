/** Where a job's records come from and go to. */
import type { StartPosition } from "../host/services.ts";
import type { KeySelector } from "../operators/functions.ts";
import type { TypeSerializer } from "../types/type.ts";

/** A partitioned, replayable log; each of its records is a `T` with a timestamp. */
export type LogSourceSpec<T> = Readonly<{
  topic: string;
  type: TypeSerializer<T>;
  /** "earliest" by default. */
  start?: StartPosition;
  /** Looks for new partitions this often; 0, the default: only at the start. */
  discoveryMs?: number;
  /** Records per second and subtask; absent: as fast as it goes. */
  recordsPerSecondMax?: number;
}>;

export const logSource = <T>(spec: LogSourceSpec<T>): LogSourceSpec<T> => spec;

/** A sink of a transactional ledger; rows are the records in the type of the stream before it. */
export type LedgerSpec = Readonly<{
  kind: "ledger";
  sink: string;
  /** Absent: each subtask commits what it has written. */
  committer: CommitterSpec | undefined;
}>;

/**
 * A table outside that keeps the last row of each key; rows are the records in the type of the stream
 * before it. Each key has one subtask that writes it.
 */
export type TableSpec<T, K = unknown> = Readonly<{
  kind: "table";
  table: string;
  key: KeySelector<T, K>;
  keyType: TypeSerializer<K>;
  guarantee: TableGuarantee;
}>;

/**
 * `exactly-once`: readers see rows once a checkpoint covers them, never rows that are taken back.
 * `at-least-once`: at once; after a failure older rows may come back for a while.
 */
export type TableGuarantee = "exactly-once" | "at-least-once";

export const upserts = <T, K>(
  table: string,
  options: Readonly<{
    key: KeySelector<T, K>;
    keyType: TypeSerializer<K>;
    /** "exactly-once" by default. */
    guarantee?: TableGuarantee;
  }>,
): TableSpec<T, K> => {
  const { key, keyType, guarantee = "exactly-once" } = options;
  return { kind: "table", table, key, keyType, guarantee };
};

/** Commits are left to an operator of its own, with the uid of the sink and "-committer". */
export type CommitterSpec = Readonly<{
  /** That of the sink by default. */
  parallelism?: number;
}>;

export const ledger = (
  sink: string,
  options: Readonly<{ committer?: CommitterSpec }> = {},
): LedgerSpec => ({ kind: "ledger", sink, committer: options.committer });
