/**
 * Writes to a table exactly once: it owns the rows of all epochs that are not in the table yet, which
 * are its share of every checkpoint.
 *
 * Not here: what to do and when (`table-epochs.ts`).
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

type SnapshotDone = (result: Result<undefined, string>) => void;

export class EpochTableSink<T, K> implements Operator<T> {
  readonly #spec: TableRows<T, K>;
  /** In order of their epochs; those of the open one last. */
  readonly #waiting = new KeyedRowBuffer();
  /** Of these, the protocol has not been told of the last few. */
  #untold = 0;
  #context: OperatorContext | undefined;
  #state: EpochsState | undefined;
  #retry: TimerHandle | undefined;
  readonly #acknowledge = new Map<CheckpointId, SnapshotDone>();
  readonly #settled = new Map<CheckpointId, (() => void)[]>();

  constructor(spec: TableRows<T, K>) {
    this.#spec = spec;
  }

  get available(): boolean {
    return this.#state !== undefined && hasBegun(this.#state);
  }

  open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    this.#context = context;
    const { jobName, uid, subtask } = context;
    refuseKeyedState(uid, state);
    const given = state.flatMap((part) => elementsOf(part, TABLE_STATE).map(decodeEpochs));
    for (const { rows } of given) this.#waiting.appendAll(rows);
    const start = startEpochs(
      `${jobName}/${uid}/${subtask}`,
      given.map(({ epochs }) => epochs),
    );
    this.#state = start.state;
    this.#carryOut(start.effects);
  }

  processElement(value: T, _timestampMs: number): void {
    try {
      this.#waiting.append(value, this.#spec);
    } catch (error) {
      rethrow(error, this.#opened().uid, "serializing row", value);
    }
    this.#untold++;
    if (this.#waiting.length > WAITING_ROWS_MAX) this.#refuse(TOO_MANY);
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
    const elements = this.#share(checkpointId).map(encodeEpochs);
    const epochs = { name: TABLE_STATE, mode: "split", elements } as const;
    return { keyed: undefined, timers: [], operatorState: [epochs] };
  }

  checkpointCompleted(checkpointId: CheckpointId, done: () => void): void {
    const waiting = this.#settled.get(checkpointId);
    if (waiting !== undefined) waiting.push(done);
    else this.#settled.set(checkpointId, [done]);
    this.#tell({ kind: "completed", checkpointId });
  }

  /** What is filed under it goes with the next one that completes. */
  checkpointAborted(_checkpointId: CheckpointId): void {}

  finish(): boolean {
    this.#tellRows();
    this.#tell({ kind: "finish" });
    return true;
  }

  close(): void {
    const context = this.#context;
    if (context === undefined) return;
    if (this.#retry !== undefined) context.host.cancelTimer(this.#retry);
    this.#tell({ kind: "close" });
    this.#waiting.clear();
    this.#acknowledge.clear();
    this.#settled.clear();
  }

  /** Rows of its own lie behind those that it was given. */
  #share(checkpointId: CheckpointId): readonly StoredEpochs[] {
    const epochs = lifeEpochs(this.#running(), checkpointId);
    if (epochs === undefined) return [];
    const count = epochs.sealed.reduce((sum, { rows }) => sum + rows, 0);
    return [{ epochs, rows: this.#waiting.slice(this.#waiting.length - count, count) }];
  }

  #opened(): OperatorContext {
    return present(this.#context, () => `sink of "${this.#spec.table}" is used before it is open`);
  }

  #running(): EpochsState {
    return present(this.#state, () => `sink of "${this.#spec.table}" is used before it is open`);
  }

  #tellRows(): void {
    const count = this.#untold;
    if (count === 0) return;
    this.#untold = 0;
    this.#tell({ kind: "rows", count });
  }

  #refuse(why: string): void {
    this.#tell({ kind: "refused", why: `sink "${this.#opened().uid}": ${why}` });
  }

  #tell(event: EpochsEvent): void {
    const step = onEpochsEvent(this.#running(), event);
    this.#state = step.state;
    this.#carryOut(step.effects);
  }

  #carryOut(effects: readonly EpochsEffect[]): void {
    for (const effect of effects) this.#act(effect);
  }

  #act(effect: EpochsEffect): void {
    const { host, fail } = this.#opened();
    switch (effect.kind) {
      case "request":
        this.#request(effect.request);
        return;
      case "retry-after":
        this.#retry = host.setTimer(effect.delayMs * 1_000, () => {
          this.#retry = undefined;
          this.#tell({ kind: "retry-due" });
        });
        return;
      case "drop":
        this.#waiting.drop(effect.rows);
        return;
      case "put": {
        const { life, epoch } = effect;
        const transaction = `${life.writer}#${life.life}:${epoch}`;
        host.note({ kind: "transaction-committed", checkpointId: epoch, transaction });
        return;
      }
      case "acknowledge":
        this.#acknowledge.get(effect.checkpointId)?.(ok(undefined));
        this.#acknowledge.delete(effect.checkpointId);
        return;
      case "settled": {
        const waiting = this.#settled.get(effect.checkpointId) ?? [];
        this.#settled.delete(effect.checkpointId);
        for (const done of waiting) done();
        return;
      }
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

  #request(request: EpochRequest): void {
    // Telling of an earlier effect may have closed the sink: then nothing more is asked for.
    if (this.#state?.request !== request) return;
    const { tables } = this.#opened().host;
    const { table } = this.#spec;
    switch (request.kind) {
      case "begin":
        tables.beginLife(table, request.writer, (result) =>
          this.#onAnswer(request, result, (life) => ({ kind: "begun", life })),
        );
        return;
      case "read":
        tables.readEpoch(table, request.life, (result) =>
          this.#onAnswer(request, result, (epoch) => ({ kind: "holds", epoch })),
        );
        return;
      case "put": {
        const rows = this.#waiting.slice(0, request.rows);
        tables.putEpoch(table, request.life, request.epoch, rows, (result) =>
          this.#onAnswer(request, result, () => ({ kind: "confirmed" })),
        );
        return;
      }
      default:
        unreachable(request);
    }
  }

  /** Of a request that was given up, by close or failure, no answer counts any more. */
  #onAnswer<V>(
    request: EpochRequest,
    result: Result<V, TableError>,
    eventOf: (value: V) => EpochsEvent,
  ): void {
    if (this.#state?.request !== request) return;
    if (result.ok) {
      this.#tell(eventOf(result.value));
      if (request.kind === "begin") this.#opened().wakeUp();
    } else if (isOpen(result.error)) {
      this.#tell({ kind: "timed-out" });
    } else {
      this.#refuse(`table "${this.#spec.table}" refuses ${request.kind}, ${result.error.why}`);
    }
  }
}
