/**
 * The writer of a sink that leaves its commits to a committer: the head of its chain, whose output is
 * committables.
 *
 * It owns the rows that the ledger has not confirmed yet. When there are too many it takes no more input
 * until some are, so a ledger that is slow slows the job down, and does not end it.
 *
 * Not here: what to do and when (`writer-transactions.ts`).
 */
import { present, unreachable } from "../core/assert.ts";
import { NO_TIMESTAMP } from "../core/element.ts";
import { asCheckpointId, type CheckpointId } from "../core/ids.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { TimerHandle } from "../host/host.ts";
import { transactionText, type LedgerDone, type LedgerError } from "../host/services.ts";
import { BaseOperator } from "../operators/base-operator.ts";
import type { OperatorContext, Output, PendingOperatorSnapshot } from "../operators/operator.ts";
import { rethrow } from "../operators/user-function-error.ts";
import { elementsOf, type OperatorSnapshot } from "../state/operator-snapshot.ts";
import type { TypeSerializer } from "../types/type.ts";
import {
  decodeHandedOver,
  encodeHandedOver,
  WRITER_STATE,
  type Committable,
} from "./committable.ts";
import { refuseKeyedState } from "./keyed-state.ts";
import { isOpen, ledgerErrorText } from "./ledger-error.ts";
import { WRITE_ROWS_MAX } from "./open-transactions.ts";
import { RowBuffer } from "./row-buffer.ts";
import {
  handedOver,
  hasFinished,
  onWriterEvent,
  startWriter,
  type WriterEffect,
  type WriterEvent,
  type WriterRequest,
  type WriterState,
} from "./writer-transactions.ts";

/** Rows held for a ledger that does not answer; with so many no more input is taken. */
export const HELD_ROWS_MAX = 10_000;

type SnapshotDone = (result: Result<undefined, string>) => void;

export class LedgerWriter<T> extends BaseOperator<T, Committable> {
  readonly #sink: string;
  readonly #rowType: TypeSerializer<T>;
  /** The first ones are in the request under way. */
  readonly #unconfirmed = new RowBuffer();
  /** Of these, the protocol has not been told of the last few. */
  #untold = 0;
  #context: OperatorContext | undefined;
  #state: WriterState | undefined;
  #retry: TimerHandle | undefined;
  readonly #acknowledge = new Map<CheckpointId, SnapshotDone>();

  /** @param sink the ledger's name of what this job writes to */
  constructor(sink: string, rowType: TypeSerializer<T>, output: Output<Committable>) {
    super(output);
    this.#sink = sink;
    this.#rowType = rowType;
  }

  override get available(): boolean {
    return this.#unconfirmed.length < HELD_ROWS_MAX;
  }

  override open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    this.#context = context;
    const { jobName, uid, subtask, attempt, restoredFrom = asCheckpointId(0) } = context;
    refuseKeyedState(uid, state);
    const given = state.flatMap((part) => elementsOf(part, WRITER_STATE).map(decodeHandedOver));
    const restored = context.restored ? given : undefined;
    const start = startWriter(`${jobName}/${uid}/${subtask}`, attempt, restored, restoredFrom);
    this.#state = start.state;
    this.#carryOut(start.effects);
  }

  override processElement(value: T, _timestampMs: number): void {
    try {
      this.#unconfirmed.append(value, this.#rowType);
    } catch (error) {
      rethrow(error, this.#opened().uid, "serializing row", value);
    }
    if (++this.#untold >= WRITE_ROWS_MAX) this.#tellRows();
  }

  /** The committer keeps no time. */
  override processWatermark(_watermarkMs: number): void {}

  override processStatus(_idle: boolean): void {}

  override prepareBarrier(checkpointId: CheckpointId): void {
    this.#tellRows();
    this.#tell({ kind: "seal", checkpointId });
  }

  override snapshot(checkpointId: CheckpointId, done: SnapshotDone): PendingOperatorSnapshot {
    this.#acknowledge.set(checkpointId, done);
    this.#tell({ kind: "barrier", checkpointId });
    const elements = [encodeHandedOver(handedOver(this.#running()))];
    const writer = { name: WRITER_STATE, mode: "split", elements } as const;
    return { keyed: undefined, timers: [], operatorState: [writer] };
  }

  /** Asked again until the ledger has confirmed the last rows. */
  override finish(): boolean {
    if (this.#running().phase === "running") {
      this.#tellRows();
      this.#tell({ kind: "finish" });
    }
    return hasFinished(this.#running());
  }

  override close(): void {
    const context = this.#context;
    if (context === undefined) return;
    if (this.#retry !== undefined) context.host.cancelTimer(this.#retry);
    this.#tell({ kind: "close" });
    this.#unconfirmed.clear();
    this.#untold = 0;
    this.#acknowledge.clear();
  }

  #opened(): OperatorContext {
    return present(this.#context, () => `writer to "${this.#sink}" is used before it is open`);
  }

  #running(): WriterState {
    return present(this.#state, () => `writer to "${this.#sink}" is used before it is open`);
  }

  #tellRows(): void {
    const count = this.#untold;
    if (count === 0) return;
    this.#untold = 0;
    this.#tell({ kind: "rows", count });
  }

  #tell(event: WriterEvent): void {
    const step = onWriterEvent(this.#running(), event);
    this.#state = step.state;
    this.#carryOut(step.effects);
  }

  #carryOut(effects: readonly WriterEffect[]): void {
    for (const effect of effects) this.#act(effect);
  }

  #act(effect: WriterEffect): void {
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
      case "hand-over":
        this.output.emit(effect.committable, NO_TIMESTAMP);
        return;
      case "abort":
        host.ledger.abort(effect.id, () => undefined);
        return;
      case "pre-committed": {
        const { checkpointId, id } = effect;
        host.note({
          kind: "transaction-pre-committed",
          checkpointId,
          transaction: transactionText(id),
        });
        return;
      }
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

  #request(request: WriterRequest): void {
    // Telling of an earlier effect may have closed the writer: then nothing more is asked for.
    if (this.#state?.request !== request) return;
    const { ledger } = this.#opened().host;
    const done: LedgerDone = (result) => this.#onAnswer(request, result);
    switch (request.kind) {
      case "fence-behind":
        ledger.fenceBehind(request.producer, request.attempt, request.last, done);
        return;
      case "write": {
        const rows = this.#unconfirmed.first(request.rows);
        ledger.write(request.id, this.#sink, request.firstRow, rows, done);
        return;
      }
      case "pre-commit":
        ledger.preCommit(request.id, request.rows, done);
        return;
      default:
        unreachable(request);
    }
  }

  /** Of a request that was given up, by close or failure, no answer counts any more. */
  #onAnswer(request: WriterRequest, result: Result<undefined, LedgerError>): void {
    if (this.#state?.request !== request) return;
    const { uid, wakeUp } = this.#opened();
    if (result.ok) {
      if (request.kind === "write") this.#unconfirmed.drop(request.rows);
      this.#tell({ kind: "confirmed" });
      // There may be room for input again, or the end may be passed on.
      wakeUp();
    } else if (isOpen(result.error)) {
      this.#tell({ kind: "timed-out" });
    } else {
      const what = ledgerErrorText(result.error);
      this.#tell({
        kind: "refused",
        why: `sink "${uid}": the ledger refuses ${request.kind}, ${what}`,
      });
    }
  }
}
