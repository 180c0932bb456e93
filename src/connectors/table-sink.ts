/**
 * Writes to a table at least once: the head of its chain, which takes no more input while too many of its
 * rows wait for the table.
 *
 * Not here: what to do and when (`table-writes.ts`).
 */
import type { CheckpointId } from "../core/ids.ts";
import type { Step } from "../core/machine.ts";
import type { TableError } from "../host/tables.ts";
import type { OperatorContext, PendingOperatorSnapshot } from "../operators/operator.ts";
import { elementsOf, type OperatorSnapshot } from "../state/operator-snapshot.ts";
import { refuseKeyedState } from "./keyed-state.ts";
import { KeyedRowBuffer, type TableRows } from "./keyed-row-buffer.ts";
import { RowSink } from "./row-sink.ts";
import type { RefusalOf, SnapshotDone } from "./sink-operator.ts";
import {
  hasWrittenAll,
  onWritesEvent,
  startWrites,
  type WriteRequest,
  type WritesEffect,
  type WritesEvent,
  type WritesState,
} from "./table-writes.ts";

/** Rows held for a table that does not answer; with so many no more input is taken. */
export const HELD_ROWS_MAX = 10_000;

const NOTHING: PendingOperatorSnapshot = { keyed: undefined, timers: [], operatorState: [] };

type TableProtocol = Readonly<{
  state: WritesState;
  event: WritesEvent;
  effect: WritesEffect;
  error: TableError;
}>;

export class TableSink<T, K> extends RowSink<T, TableProtocol> {
  readonly #spec: TableRows<T, K>;
  /** The first ones are in the request under way. */
  protected override readonly rows = new KeyedRowBuffer();

  constructor(spec: TableRows<T, K>) {
    super(`sink of "${spec.table}"`);
    this.#spec = spec;
  }

  override get available(): boolean {
    return this.rows.length < HELD_ROWS_MAX;
  }

  override open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    refuseKeyedState(context.uid, state);
    for (const part of state) elementsOf(part, "");
    this.start(context, { state: startWrites(), effects: [] });
  }

  protected override keep(value: T): void {
    this.rows.append(value, this.#spec);
  }

  override snapshot(checkpointId: CheckpointId, done: SnapshotDone): PendingOperatorSnapshot {
    this.barrier(checkpointId, done);
    return NOTHING;
  }

  /** The table has confirmed the last rows. */
  protected override mayEnd(state: WritesState): boolean {
    return hasWrittenAll(state);
  }

  protected override step(state: WritesState, event: WritesEvent): Step<WritesState, WritesEffect> {
    return onWritesEvent(state, event);
  }

  protected override act(effect: WritesEffect): void {
    if (effect.kind === "fail") this.failed(effect.why);
    else this.perform(effect);
  }

  protected override ask(request: WriteRequest): void {
    const { host, attempt } = this.opened;
    const version = { attempt, number: request.number };
    const rows = this.rows.slice(0, request.rows);
    host.tables.put(this.#spec.table, version, rows, (result) =>
      this.answer(request, result, () => this.#confirmed(request)),
    );
  }

  #confirmed(request: WriteRequest): void {
    this.rows.drop(request.rows);
    this.tell({ kind: "confirmed" });
    // There may be room for input again, or the end may be passed on.
    this.opened.wakeUp();
  }

  protected override refused(_request: WriteRequest, error: RefusalOf<TableProtocol>): void {
    const why = `table "${this.#spec.table}" refuses a write, ${error.why}`;
    this.tell({ kind: "refused", why: `sink "${this.opened.uid}": ${why}` });
  }
}
