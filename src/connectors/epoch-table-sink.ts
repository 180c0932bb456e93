/**
 * Writes to a table exactly once: it owns the rows of all epochs that are not in the table yet, which
 * are its share of every checkpoint.
 *
 * Not here: what to do and when (`table-epochs.ts`).
 */
import { unreachable } from "../core/assert.ts";
import type { CheckpointId } from "../core/ids.ts";
import type { Step } from "../core/machine.ts";
import type { TableError } from "../host/tables.ts";
import type { OperatorContext, PendingOperatorSnapshot } from "../operators/operator.ts";
import { elementsOf, type OperatorSnapshot } from "../state/operator-snapshot.ts";
import { refuseKeyedState } from "./keyed-state.ts";
import { KeyedRowBuffer, type TableRows } from "./keyed-row-buffer.ts";
import { RowSink } from "./row-sink.ts";
import type { RefusalOf, SnapshotDone } from "./sink-operator.ts";
import { decodeEpochs, encodeEpochs, TABLE_STATE, type StoredEpochs } from "./table-state.ts";
import {
  hasBegun,
  lifeEpochs,
  onEpochsEvent,
  startEpochs,
  type EpochRequest,
  type EpochsEffect,
  type EpochsEvent,
  type EpochsState,
} from "./table-epochs.ts";

/**
 * Rows of one epoch and of those before it that wait for a completed checkpoint; beyond this the task
 * fails. It cannot refuse input instead: the barrier that would help comes behind it.
 */
export const WAITING_ROWS_MAX = 1_000_000;

const TOO_MANY = `more than ${WAITING_ROWS_MAX} rows wait for a checkpoint to complete`;

type EpochsProtocol = Readonly<{
  state: EpochsState;
  event: EpochsEvent;
  effect: EpochsEffect;
  error: TableError;
}>;

export class EpochTableSink<T, K> extends RowSink<T, EpochsProtocol> {
  readonly #spec: TableRows<T, K>;
  /** In order of their epochs; those of the open one last. */
  protected override readonly rows = new KeyedRowBuffer();

  constructor(spec: TableRows<T, K>) {
    super(`sink of "${spec.table}"`);
    this.#spec = spec;
  }

  override get available(): boolean {
    return this.isStarted && hasBegun(this.state);
  }

  override open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    const { jobName, uid, subtask } = context;
    refuseKeyedState(uid, state);
    const given = state.flatMap((part) => elementsOf(part, TABLE_STATE).map(decodeEpochs));
    for (const { rows } of given) this.rows.appendAll(rows);
    const start = startEpochs(
      `${jobName}/${uid}/${subtask}`,
      given.map(({ epochs }) => epochs),
    );
    this.start(context, start);
  }

  override processElement(value: T, timestampMs: number): void {
    super.processElement(value, timestampMs);
    if (this.rows.length > WAITING_ROWS_MAX) this.#refuse(TOO_MANY);
  }

  protected override keep(value: T): void {
    this.rows.append(value, this.#spec);
  }

  override snapshot(checkpointId: CheckpointId, done: SnapshotDone): PendingOperatorSnapshot {
    this.barrier(checkpointId, done);
    const elements = this.#share(checkpointId).map(encodeEpochs);
    const epochs = { name: TABLE_STATE, mode: "split", elements } as const;
    return { keyed: undefined, timers: [], operatorState: [epochs] };
  }

  override checkpointCompleted(checkpointId: CheckpointId, done: () => void): void {
    this.awaitSettled(checkpointId, done);
    this.tell({ kind: "completed", checkpointId });
  }

  /** Rows of its own lie behind those that it was given. */
  #share(checkpointId: CheckpointId): readonly StoredEpochs[] {
    const epochs = lifeEpochs(this.state, checkpointId);
    if (epochs === undefined) return [];
    const count = epochs.sealed.reduce((sum, { rows }) => sum + rows, 0);
    return [{ epochs, rows: this.rows.slice(this.rows.length - count, count) }];
  }

  #refuse(why: string): void {
    this.tell({ kind: "refused", why: `sink "${this.opened.uid}": ${why}` });
  }

  protected override step(state: EpochsState, event: EpochsEvent): Step<EpochsState, EpochsEffect> {
    return onEpochsEvent(state, event);
  }

  protected override act(effect: EpochsEffect): void {
    const { host } = this.opened;
    switch (effect.kind) {
      case "drop":
        this.rows.drop(effect.rows);
        return;
      case "put": {
        const { life, epoch } = effect;
        const transaction = `${life.writer}#${life.life}:${epoch}`;
        host.note({ kind: "transaction-committed", checkpointId: epoch, transaction });
        return;
      }
      case "fail":
        this.failed(effect.why);
        return;
      default:
        this.perform(effect);
    }
  }

  protected override ask(request: EpochRequest): void {
    const { tables } = this.opened.host;
    const { table } = this.#spec;
    switch (request.kind) {
      case "begin":
        tables.beginLife(table, request.writer, (result) =>
          this.answer(request, result, (life) => {
            this.tell({ kind: "begun", life });
            this.opened.wakeUp();
          }),
        );
        return;
      case "read":
        tables.readEpoch(table, request.life, (result) =>
          this.answer(request, result, (epoch) => this.tell({ kind: "holds", epoch })),
        );
        return;
      case "put": {
        const rows = this.rows.slice(0, request.rows);
        tables.putEpoch(table, request.life, request.epoch, rows, (result) =>
          this.answer(request, result, () => this.tell({ kind: "confirmed" })),
        );
        return;
      }
      default:
        unreachable(request);
    }
  }

  protected override refused(request: EpochRequest, error: RefusalOf<EpochsProtocol>): void {
    this.#refuse(`table "${this.#spec.table}" refuses ${request.kind}, ${error.why}`);
  }
}
