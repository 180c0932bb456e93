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
type Writer = Transactions & Readonly<{ producer: string; attempt: number; nextNumber: number }>;

export const openOf = ({ transactions }: Transactions): Transaction | undefined => {
  const last = transactions.at(-1);
  return last?.filedUnder === undefined ? last : undefined;
};

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
