/**
 * One transaction of the ledger: its state, and the rows that it holds.
 *
 * Not here: which requests lead from state to state (ledger.ts).
 */
import { assert, ByteWriter, compareBytes } from "../../src/index.ts";
import type { RowBatch, TransactionId } from "../../src/index.ts";

export type TransactionState = "open" | "pre-committed" | "committed" | "aborted" | "expired";

/** Rows follow one another in `bytes`; row i ends at `ends[i]`. */
export type Transaction = {
  readonly id: TransactionId;
  readonly text: string;
  readonly sink: string;
  readonly bytes: ByteWriter;
  readonly ends: number[];
  state: TransactionState;
  checkpointId: number;
};

/** What is committed or aborted stays as it is (TL4); what is not gets rows and a state of its own. */
export function copyOf(transaction: Transaction): Transaction {
  const { bytes, ends, state } = transaction;
  if (state === "committed" || state === "aborted") return transaction;
  const copy = new ByteWriter(1_024);
  copy.raw(bytes.bytes, 0, bytes.length);
  return { ...transaction, bytes: copy, ends: ends.slice() };
}

export const isLive = ({ state }: Transaction): boolean =>
  state === "open" || state === "pre-committed";

/** Adds what is new; what has come before has to be the same again (TL2). */
export function append(transaction: Transaction, firstRow: number, batch: RowBatch): void {
  const { bytes, ends, text } = transaction;
  if (firstRow === ends.length) {
    const base = bytes.length;
    bytes.raw(batch.bytes);
    for (const end of batch.ends) ends.push(base + end);
    return;
  }
  let start = 0;
  for (const [i, end] of batch.ends.entries()) {
    const row = firstRow + i;
    if (row < ends.length) {
      const before = bytes.bytes.subarray(row === 0 ? 0 : ends[row - 1], ends[row]);
      const same = compareBytes(before, batch.bytes.subarray(start, end)) === 0;
      assert(same, () => `TL2 row ${row} of ${text} came again, and is another row`);
    } else {
      bytes.raw(batch.bytes, start, end);
      ends.push(bytes.length);
    }
    start = end;
  }
}
