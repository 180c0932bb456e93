/**
 * A sink of rows: it keeps each row, as bytes, until the outside has it, and tells its protocol of rows
 * in batches. Before a barrier, and at the end, the protocol knows of every row.
 *
 * Not here: committers, which see no rows (`committer-operator.ts`).
 */
import type { CheckpointId } from "../core/ids.ts";
import { rethrow } from "../operators/user-function-error.ts";
import { WRITE_ROWS_MAX } from "./open-transactions.ts";
import { SinkOperator, type Protocol } from "./sink-operator.ts";

type RowsEvent = Readonly<{ kind: "rows"; count: number }>;

/** A protocol that is told of rows. */
type WithRows<P extends Protocol> = Readonly<{
  state: P["state"];
  event: P["event"] | RowsEvent;
  effect: P["effect"];
  error: P["error"];
}>;

export abstract class RowSink<T, P extends Protocol> extends SinkOperator<T, WithRows<P>> {
  /** Of the rows that are kept, the protocol has not been told of the last few. */
  #untold = 0;

  /** Those that the outside may not have yet, oldest first. */
  protected abstract readonly rows: { readonly length: number; clear(): void };

  /** Serializes a row and keeps it, or throws and leaves no trace of it. */
  protected abstract keep(value: T): void;

  processElement(value: T, _timestampMs: number): void {
    try {
      this.keep(value);
    } catch (error) {
      rethrow(error, this.opened.uid, "serializing row", value);
    }
    if (++this.#untold >= WRITE_ROWS_MAX) this.tellRows();
  }

  override prepareBarrier(_checkpointId: CheckpointId): void {
    this.tellRows();
  }

  /** Asked again until the end may be passed on. */
  finish(): boolean {
    if (this.state.phase === "running") {
      this.tellRows();
      this.tell({ kind: "finish" });
    }
    return this.mayEnd(this.state);
  }

  /** For sinks whose last rows must be out before the end is passed on. */
  protected mayEnd(_state: P["state"]): boolean {
    return true;
  }

  override close(): void {
    super.close();
    this.rows.clear();
    this.#untold = 0;
  }

  protected tellRows(): void {
    const count = this.#untold;
    if (count === 0) return;
    this.#untold = 0;
    this.tell({ kind: "rows", count });
  }
}
