/**
 * The transactions of one writer, from their first row to their pre-commit: rows join the last one until
 * a barrier seals it, and what is due next follows from the list alone.
 *
 * Shared by those who commit themselves (`sink-transactions.ts`) and those who leave that to a
 * committer (`writer-transactions.ts`). Not here: when any of it may be asked of the ledger.
 */
import type { CheckpointId } from "../core/ids.ts";
import type { TransactionId } from "../host/services.ts";

/** Rows of one write. */
export const WRITE_ROWS_MAX = 256;

export type Transaction = Readonly<{
  id: TransactionId;
  /** The checkpoint whose completion commits it; undefined while rows still join it. */
  filedUnder: CheckpointId | undefined;
  rows: number;
  /** Of these, confirmed by the ledger. */
  written: number;
  preCommitted: boolean;
}>;

/** What a writer asks of the ledger on behalf of one transaction. */
export type WriteStep = Readonly<
  | { kind: "write"; id: TransactionId; firstRow: number; rows: number }
  | { kind: "pre-commit"; id: TransactionId; rows: number; filedUnder: CheckpointId }
>;

/** In order of writing; the last one may still be open. */
type Transactions = Readonly<{ transactions: readonly Transaction[] }>;
/** Of these, only a write may be of the open transaction. */
type Requesting = Readonly<{
  request: Readonly<{ kind: string; id?: TransactionId }> | undefined;
}>;
type Writer = Transactions & Readonly<{ producer: string; attempt: number; nextNumber: number }>;

export const openOf = ({ transactions }: Transactions): Transaction | undefined => {
  const last = transactions.at(-1);
  return last?.filedUnder === undefined ? last : undefined;
};

/**
 * The open one, if the ledger may know of it: what a writer that closes has to abort. Never one that is
 * filed, since a completed checkpoint may hold it (C99).
 */
export function begunOf(writer: Transactions & Requesting): Transaction | undefined {
  const open = openOf(writer);
  const { request } = writer;
  const asked = request?.kind === "write" && request.id === open?.id;
  return open !== undefined && (open.written > 0 || asked) ? open : undefined;
}

/**
 * What a subtask was given of a checkpoint, and itself: a producer that has no past in the checkpoint may
 * have one that no checkpoint knows of, and fences that (C100).
 */
export const withOwn = <Part extends Readonly<{ producer: string }>>(
  given: readonly Part[],
  own: Part,
): readonly Part[] =>
  given.some(({ producer }) => producer === own.producer) ? given : [own, ...given];

/** The first row begins a transaction. */
export function withRows<S extends Writer>(state: S, count: number): S {
  const open = openOf(state);
  if (open !== undefined) return withLast(state, { ...open, rows: open.rows + count });
  const { producer, attempt, nextNumber } = state;
  const begun: Transaction = {
    id: { producer, attempt, number: nextNumber },
    filedUnder: undefined,
    rows: count,
    written: 0,
    preCommitted: false,
  };
  const transactions = [...state.transactions, begun];
  return { ...state, nextNumber: nextNumber + 1, transactions };
}

/** An empty transaction was never begun, so there is nothing to file. */
export function sealed<S extends Transactions>(state: S, checkpointId: CheckpointId): S {
  const open = openOf(state);
  return open === undefined ? state : withLast(state, { ...open, filedUnder: checkpointId });
}

function withLast<S extends Transactions>(state: S, last: Transaction): S {
  return { ...state, transactions: [...state.transactions.slice(0, -1), last] };
}

export function changed<S extends Transactions>(
  state: S,
  id: TransactionId,
  change: (transaction: Transaction) => Transaction,
): S {
  const transactions = state.transactions.map((t) => (t.id === id ? change(t) : t));
  return { ...state, transactions };
}

/** The ledger has the rows of this write. */
export const withWritten = <S extends Transactions>(
  state: S,
  { id, rows }: Readonly<{ id: TransactionId; rows: number }>,
): S => changed(state, id, (t) => ({ ...t, written: t.written + rows }));

export const isFiledBy = (transaction: Transaction, checkpointId: number): boolean =>
  transaction.filedUnder !== undefined && transaction.filedUnder <= checkpointId;

/** Of the oldest transaction that has one: the rows that are missing, then its pre-commit. */
export function nextStep(transactions: readonly Transaction[]): WriteStep | undefined {
  for (const { id, rows, written, filedUnder, preCommitted } of transactions) {
    const left = rows - written;
    if (left > 0) {
      return { kind: "write", id, firstRow: written, rows: Math.min(left, WRITE_ROWS_MAX) };
    }
    if (filedUnder !== undefined && !preCommitted) {
      return { kind: "pre-commit", id, rows, filedUnder };
    }
  }
  return undefined;
}
