/**
 * The writer of a sink that leaves its commits to a committer: the head of its chain, whose output is
 * committables.
 *
 * It owns the rows that the ledger has not confirmed yet. When there are too many it takes no more input
 * until some are, so a ledger that is slow slows the job down, and does not end it.
 *
 * Not here: what to do and when (`writer-transactions.ts`).
 */
import { unreachable } from "../core/assert.ts";
import { NO_TIMESTAMP } from "../core/element.ts";
import { asCheckpointId, type CheckpointId } from "../core/ids.ts";
import type { Step } from "../core/machine.ts";
import { transactionText, type LedgerDone, type LedgerError } from "../host/services.ts";
import type { OperatorContext, Output, PendingOperatorSnapshot } from "../operators/operator.ts";
import { elementsOf, type OperatorSnapshot } from "../state/operator-snapshot.ts";
import type { TypeSerializer } from "../types/type.ts";
import {
  decodeHandedOver,
  encodeHandedOver,
  WRITER_STATE,
  type Committable,
} from "./committable.ts";
import { refuseKeyedState } from "./keyed-state.ts";
import { ledgerErrorText } from "./ledger-error.ts";
import { RowBuffer } from "./row-buffer.ts";
import { RowSink } from "./row-sink.ts";
import type { SnapshotDone } from "./sink-operator.ts";
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

type WriterProtocol = Readonly<{
  state: WriterState;
  event: WriterEvent;
  effect: WriterEffect;
  error: LedgerError;
}>;

export class LedgerWriter<T> extends RowSink<T, WriterProtocol> {
  readonly #sink: string;
  readonly #rowType: TypeSerializer<T>;
  readonly #output: Output<Committable>;
  /** The first ones are in the request under way. */
  protected override readonly rows = new RowBuffer();

  /** @param sink the ledger's name of what this job writes to */
  constructor(sink: string, rowType: TypeSerializer<T>, output: Output<Committable>) {
    super(`writer to "${sink}"`);
    this.#sink = sink;
    this.#output = output;
    this.#rowType = rowType;
  }

  override get available(): boolean {
    return this.rows.length < HELD_ROWS_MAX;
  }

  override open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    const { jobName, uid, subtask, attempt, restoredFrom = asCheckpointId(0) } = context;
    refuseKeyedState(uid, state);
    const given = state.flatMap((part) => elementsOf(part, WRITER_STATE).map(decodeHandedOver));
    const restored = context.restored ? given : undefined;
    const start = startWriter(`${jobName}/${uid}/${subtask}`, attempt, restored, restoredFrom);
    this.start(context, start);
  }

  protected override keep(value: T): void {
    this.rows.append(value, this.#rowType);
  }

  override prepareBarrier(checkpointId: CheckpointId): void {
    super.prepareBarrier(checkpointId);
    this.tell({ kind: "seal", checkpointId });
  }

  override snapshot(checkpointId: CheckpointId, done: SnapshotDone): PendingOperatorSnapshot {
    this.barrier(checkpointId, done);
    const elements = [encodeHandedOver(handedOver(this.state))];
    const writer = { name: WRITER_STATE, mode: "split", elements } as const;
    return { keyed: undefined, timers: [], operatorState: [writer] };
  }

  /** The ledger has confirmed the last rows. */
  protected override mayEnd(state: WriterState): boolean {
    return hasFinished(state);
  }

  protected override step(state: WriterState, event: WriterEvent): Step<WriterState, WriterEffect> {
    return onWriterEvent(state, event);
  }

  protected override act(effect: WriterEffect): void {
    const { host } = this.opened;
    switch (effect.kind) {
      case "hand-over":
        this.#output.emit(effect.committable, NO_TIMESTAMP);
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
      case "fail":
        this.failed(effect.why);
        return;
      default:
        this.perform(effect);
    }
  }

  protected override ask(request: WriterRequest): void {
    const { ledger } = this.opened.host;
    const done: LedgerDone = (result) =>
      this.answer(request, result, () => this.#confirmed(request));
    switch (request.kind) {
      case "fence-behind":
        ledger.fenceBehind(request.producer, request.attempt, request.last, done);
        return;
      case "write": {
        const rows = this.rows.first(request.rows);
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

  #confirmed(request: WriterRequest): void {
    if (request.kind === "write") this.rows.drop(request.rows);
    this.tell({ kind: "confirmed" });
    // There may be room for input again, or the end may be passed on.
    this.opened.wakeUp();
  }

  protected override refused(request: WriterRequest, error: LedgerError): void {
    const { uid } = this.opened;
    const why = `sink "${uid}": the ledger refuses ${request.kind}, ${ledgerErrorText(error)}`;
    this.tell({ kind: "refused", why });
  }
}
