/**
 * The tail of a chain that writes to a transactional ledger, exactly once.
 *
 * It owns the rows that the ledger has not confirmed yet and carries out what the protocol asks for;
 * what to do and when is decided in `sink-transactions.ts`.
 */
import { unreachable } from "../core/assert.ts";
import type { CheckpointId } from "../core/ids.ts";
import type { Step } from "../core/machine.ts";
import { transactionText, type LedgerDone, type LedgerError } from "../host/services.ts";
import type { OperatorContext, PendingOperatorSnapshot } from "../operators/operator.ts";
import { elementsOf, type OperatorSnapshot } from "../state/operator-snapshot.ts";
import type { TypeSerializer } from "../types/type.ts";
import { refuseKeyedState } from "./keyed-state.ts";
import { ledgerErrorText } from "./ledger-error.ts";
import { RowBuffer } from "./row-buffer.ts";
import { RowSink } from "./row-sink.ts";
import type { SnapshotDone } from "./sink-operator.ts";
import { decodeFiled, encodeFiled, SINK_STATE } from "./sink-state.ts";
import {
  filedTransactions,
  onSinkEvent,
  startSink,
  type LedgerRequest,
  type SinkEffect,
  type SinkEvent,
  type SinkState,
} from "./sink-transactions.ts";

/** Rows held for a ledger that does not answer; beyond this the task fails, and starts over later. */
export const UNCONFIRMED_ROWS_MAX = 1_000_000;

type LedgerProtocol = Readonly<{
  state: SinkState;
  event: SinkEvent;
  effect: SinkEffect;
  error: LedgerError;
}>;

export class TwoPhaseCommitSink<T> extends RowSink<T, LedgerProtocol> {
  readonly #sink: string;
  readonly #rowType: TypeSerializer<T>;
  /** The first ones are in the request under way. */
  protected override readonly rows = new RowBuffer();

  /** @param sink the ledger's name of what this job writes to */
  constructor(sink: string, rowType: TypeSerializer<T>) {
    super(`sink "${sink}"`);
    this.#sink = sink;
    this.#rowType = rowType;
  }

  override open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    const { jobName, uid, subtask, attempt } = context;
    refuseKeyedState(uid, state);
    const given = state.flatMap((snapshot) => elementsOf(snapshot, SINK_STATE).map(decodeFiled));
    const restored = context.restored ? given : undefined;
    const start = startSink(`${jobName}/${uid}/${subtask}`, attempt, restored);
    this.start(context, start);
  }

  protected override keep(value: T): void {
    this.rows.append(value, this.#rowType);
  }

  /** `done` may be called before this returns: an empty transaction needs nobody's word. */
  override snapshot(checkpointId: CheckpointId, done: SnapshotDone): PendingOperatorSnapshot {
    this.barrier(checkpointId, done);
    const elements = [encodeFiled(filedTransactions(this.state, checkpointId))];
    const transactions = { name: SINK_STATE, mode: "split", elements } as const;
    return { keyed: undefined, timers: [], operatorState: [transactions] };
  }

  override checkpointCompleted(checkpointId: CheckpointId, done: () => void): void {
    this.awaitSettled(checkpointId, done);
    this.tell({ kind: "completed", checkpointId });
  }

  protected override tellRows(): void {
    super.tellRows();
    const held = this.rows.length;
    if (held <= UNCONFIRMED_ROWS_MAX) return;
    const why = `${held} rows wait for a ledger that does not confirm; the bound is`;
    this.tell({ kind: "refused", why: `${why} ${UNCONFIRMED_ROWS_MAX}` });
  }

  protected override step(state: SinkState, event: SinkEvent): Step<SinkState, SinkEffect> {
    return onSinkEvent(state, event);
  }

  protected override act(effect: SinkEffect): void {
    const { host, uid } = this.opened;
    switch (effect.kind) {
      case "abort":
        host.ledger.abort(effect.id, () => undefined);
        return;
      case "pre-committed":
      case "committed": {
        const kind = `transaction-${effect.kind}` as const;
        const { checkpointId, id } = effect;
        host.note({ kind, checkpointId, transaction: transactionText(id) });
        return;
      }
      case "fail":
        // What is lost is lost for whoever is restored with it, too.
        this.failed(effect.why, effect.lost ? uid : undefined);
        return;
      default:
        this.perform(effect);
    }
  }

  protected override ask(request: LedgerRequest): void {
    const { ledger } = this.opened.host;
    const done: LedgerDone = (result) =>
      this.answer(request, result, () => this.#confirmed(request));
    switch (request.kind) {
      case "fence":
        ledger.fence(request.producer, request.attempt, request.keep, done);
        return;
      case "write": {
        const rows = this.rows.first(request.rows);
        ledger.write(request.id, this.#sink, request.firstRow, rows, done);
        return;
      }
      case "pre-commit":
        ledger.preCommit(request.id, request.rows, done);
        return;
      case "commit":
        ledger.commit(request.id, request.checkpointId, done);
        return;
      default:
        unreachable(request);
    }
  }

  #confirmed(request: LedgerRequest): void {
    if (request.kind === "write") this.rows.drop(request.rows);
    this.tell({ kind: "confirmed" });
  }

  protected override refused(request: LedgerRequest, error: LedgerError): void {
    const { uid } = this.opened;
    const why = `sink "${uid}": the ledger refuses ${request.kind}, ${ledgerErrorText(error)}`;
    this.tell({ kind: "refused", why, lost: request.kind === "commit" });
  }
}
