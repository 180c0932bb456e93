/**
 * Writes to a table at least once: the head of its chain, which takes no more input while too many of its
 * rows wait for the table.
 *
 * Not here: what to do and when (`table-writes.ts`).
 */
import { present, unreachable } from "../core/assert.ts";
import type { CheckpointId } from "../core/ids.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { TimerHandle } from "../host/host.ts";
import type { TableError } from "../host/tables.ts";
import type { Operator, OperatorContext, PendingOperatorSnapshot } from "../operators/operator.ts";
import { rethrow } from "../operators/user-function-error.ts";
import { elementsOf, type OperatorSnapshot } from "../state/operator-snapshot.ts";
import { refuseKeyedState } from "./keyed-state.ts";
import { isOpen } from "./ledger-error.ts";
import { KeyedRowBuffer, type TableRows } from "./keyed-row-buffer.ts";
import { WRITE_ROWS_MAX } from "./open-transactions.ts";
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

type SnapshotDone = (result: Result<undefined, string>) => void;

export class TableSink<T, K> implements Operator<T> {
  readonly #spec: TableRows<T, K>;
  /** The first ones are in the request under way. */
  readonly #unconfirmed = new KeyedRowBuffer();
  /** Of these, the protocol has not been told of the last few. */
  #untold = 0;
  #context: OperatorContext | undefined;
  #state: WritesState = startWrites();
  #retry: TimerHandle | undefined;
  readonly #acknowledge = new Map<CheckpointId, SnapshotDone>();

  constructor(spec: TableRows<T, K>) {
    this.#spec = spec;
  }

  get available(): boolean {
    return this.#unconfirmed.length < HELD_ROWS_MAX;
  }

  open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    this.#context = context;
    refuseKeyedState(context.uid, state);
    for (const part of state) elementsOf(part, "");
  }

  processElement(value: T, _timestampMs: number): void {
    try {
      this.#unconfirmed.append(value, this.#spec);
    } catch (error) {
      rethrow(error, this.#opened().uid, "serializing row", value);
    }
    if (++this.#untold >= WRITE_ROWS_MAX) this.#tellRows();
  }

  processWatermark(_watermarkMs: number): void {}

  processStatus(_idle: boolean): void {}

  advanceProcessingTime(_nowMs: number): number | undefined {
    return undefined;
  }

  prepareBarrier(_checkpointId: CheckpointId): void {
    this.#tellRows();
  }

  snapshot(checkpointId: CheckpointId, done: SnapshotDone): PendingOperatorSnapshot {
    this.#acknowledge.set(checkpointId, done);
    this.#tell({ kind: "barrier", checkpointId });
    return NOTHING;
  }

  checkpointCompleted(_checkpointId: CheckpointId, done: () => void): void {
    done();
  }

  checkpointAborted(_checkpointId: CheckpointId): void {}

  /** Asked again until the table has confirmed the last rows. */
  finish(): boolean {
    if (this.#state.phase === "running") {
      this.#tellRows();
      this.#tell({ kind: "finish" });
    }
    return hasWrittenAll(this.#state);
  }

  close(): void {
    const context = this.#context;
    if (context === undefined) return;
    if (this.#retry !== undefined) context.host.cancelTimer(this.#retry);
    this.#tell({ kind: "close" });
    this.#unconfirmed.clear();
    this.#untold = 0;
    this.#acknowledge.clear();
  }

  #opened(): OperatorContext {
    return present(this.#context, () => `sink of "${this.#spec.table}" is used before it is open`);
  }

  #tellRows(): void {
    const count = this.#untold;
    if (count === 0) return;
    this.#untold = 0;
    this.#tell({ kind: "rows", count });
  }

  #tell(event: WritesEvent): void {
    const step = onWritesEvent(this.#state, event);
    this.#state = step.state;
    for (const effect of step.effects) this.#act(effect);
  }

  #act(effect: WritesEffect): void {
    const { host, fail } = this.#opened();
    switch (effect.kind) {
      case "request":
        this.#write(effect.request);
        return;
      case "retry-after":
        this.#retry = host.setTimer(effect.delayMs * 1_000, () => {
          this.#retry = undefined;
          this.#tell({ kind: "retry-due" });
        });
        return;
      case "acknowledge":
        this.#acknowledge.get(effect.checkpointId)?.(ok(undefined));
        this.#acknowledge.delete(effect.checkpointId);
        return;
      case "fail":
        for (const done of this.#acknowledge.values()) done(err(effect.why));
        this.#acknowledge.clear();
        fail(effect.why);
        return;
      case "ignore":
        return;
      default:
        unreachable(effect);
    }
  }

  #write(request: WriteRequest): void {
    // Telling of an earlier effect may have closed the sink: then nothing more is asked for.
    if (this.#state.request !== request) return;
    const { host, attempt } = this.#opened();
    const version = { attempt, number: request.number };
    const rows = this.#unconfirmed.slice(0, request.rows);
    host.tables.put(this.#spec.table, version, rows, (result) => this.#onAnswer(request, result));
  }

  /** Of a request that was given up, by close or failure, no answer counts any more. */
  #onAnswer(request: WriteRequest, result: Result<undefined, TableError>): void {
    if (this.#state.request !== request) return;
    const { uid, wakeUp } = this.#opened();
    if (result.ok) {
      this.#unconfirmed.drop(request.rows);
      this.#tell({ kind: "confirmed" });
      // There may be room for input again, or the end may be passed on.
      wakeUp();
    } else if (isOpen(result.error)) {
      this.#tell({ kind: "timed-out" });
    } else {
      const why = `table "${this.#spec.table}" refuses a write, ${result.error.why}`;
      this.#tell({ kind: "refused", why: `sink "${uid}": ${why}` });
    }
  }
}
