/**
 * The tail of a chain that writes to a transactional ledger, exactly once.
 *
 * It owns the rows that the ledger has not confirmed yet and carries out what the protocol asks for;
 * what to do and when is decided in `sink-transactions.ts`.
 */
import { present, unreachable } from "../core/assert.ts";
import type { CheckpointId } from "../core/ids.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { TimerHandle } from "../host/host.ts";
import { transactionText, type LedgerDone, type LedgerError } from "../host/services.ts";
import type { Operator, OperatorContext, PendingOperatorSnapshot } from "../operators/operator.ts";
import { rethrow } from "../operators/user-function-error.ts";
import { elementsOf, type OperatorSnapshot } from "../state/operator-snapshot.ts";
import type { TypeSerializer } from "../types/type.ts";
import { refuseKeyedState } from "./keyed-state.ts";
import { isOpen, ledgerErrorText } from "./ledger-error.ts";
import { WRITE_ROWS_MAX } from "./open-transactions.ts";
import { RowBuffer } from "./row-buffer.ts";
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

type SnapshotDone = (result: Result<undefined, string>) => void;

export class TwoPhaseCommitSink<T> implements Operator<T> {
  readonly #sink: string;
  readonly #rowType: TypeSerializer<T>;
  /** The first ones are in the request under way. */
  readonly #unconfirmed = new RowBuffer();
  /** Of these, the protocol has not been told of the last few. */
  #untold = 0;
  #context: OperatorContext | undefined;
  #state: SinkState | undefined;
  #retry: TimerHandle | undefined;
  readonly #acknowledge = new Map<CheckpointId, SnapshotDone>();
  readonly #settled = new Map<CheckpointId, (() => void)[]>();

  /** @param sink the ledger's name of what this job writes to */
  constructor(sink: string, rowType: TypeSerializer<T>) {
    this.#sink = sink;
    this.#rowType = rowType;
  }

  open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    this.#context = context;
    const { jobName, uid, subtask, attempt } = context;
    refuseKeyedState(uid, state);
    const given = state.flatMap((snapshot) => elementsOf(snapshot, SINK_STATE).map(decodeFiled));
    const restored = context.restored ? given : undefined;
    const start = startSink(`${jobName}/${uid}/${subtask}`, attempt, restored);
    this.#state = start.state;
    this.#carryOut(start.effects);
  }

  processElement(value: T, _timestampMs: number): void {
    try {
      this.#unconfirmed.append(value, this.#rowType);
    } catch (error) {
      rethrow(error, this.#opened().uid, "serializing row", value);
    }
    if (++this.#untold >= WRITE_ROWS_MAX) this.#tellRows();
  }

  get available(): boolean {
    return true;
  }

  processWatermark(_watermarkMs: number): void {}

  processStatus(_idle: boolean): void {}

  advanceProcessingTime(_nowMs: number): number | undefined {
    return undefined;
  }

  prepareBarrier(_checkpointId: CheckpointId): void {
    this.#tellRows();
  }

  /** `done` may be called before this returns: an empty transaction needs nobody's word. */
  snapshot(checkpointId: CheckpointId, done: SnapshotDone): PendingOperatorSnapshot {
    this.#acknowledge.set(checkpointId, done);
    this.#tell({ kind: "barrier", checkpointId });
    const state = present(this.#state, () => "a snapshot before open");
    const elements = [encodeFiled(filedTransactions(state, checkpointId))];
    const transactions = { name: SINK_STATE, mode: "split", elements } as const;
    return { keyed: undefined, timers: [], operatorState: [transactions] };
  }

  checkpointCompleted(checkpointId: CheckpointId, done: () => void): void {
    const waiting = this.#settled.get(checkpointId);
    if (waiting !== undefined) waiting.push(done);
    else this.#settled.set(checkpointId, [done]);
    this.#tell({ kind: "completed", checkpointId });
  }

  /** What is filed under it goes with the next one that completes (C99). */
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
    this.#unconfirmed.clear();
    this.#untold = 0;
    this.#acknowledge.clear();
    this.#settled.clear();
  }

  #tellRows(): void {
    const count = this.#untold;
    if (count === 0) return;
    this.#untold = 0;
    this.#tell({ kind: "rows", count });
    const held = this.#unconfirmed.length;
    if (held <= UNCONFIRMED_ROWS_MAX) return;
    const why = `${held} rows wait for a ledger that does not confirm; the bound is`;
    this.#tell({ kind: "refused", why: `${why} ${UNCONFIRMED_ROWS_MAX}` });
  }

  #tell(event: SinkEvent): void {
    const state = present(this.#state, () => `sink ${this.#sink}: ${event.kind} before open`);
    const step = onSinkEvent(state, event);
    this.#state = step.state;
    this.#carryOut(step.effects);
  }

  #carryOut(effects: readonly SinkEffect[]): void {
    for (const effect of effects) this.#act(effect);
  }

  #act(effect: SinkEffect): void {
    const context = this.#opened();
    const { host } = context;
    switch (effect.kind) {
      case "request":
        this.#request(effect.request, context);
        return;
      case "retry-after":
        this.#retry = host.setTimer(effect.delayMs * 1_000, () => {
          this.#retry = undefined;
          this.#tell({ kind: "retry-due" });
        });
        return;
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
        this.#fail(effect.why, effect.lost, context);
        return;
      case "ignore":
        return;
      default:
        unreachable(effect);
    }
  }

  #opened(): OperatorContext {
    return present(this.#context, () => `sink "${this.#sink}" is used before it is open`);
  }

  #request(request: LedgerRequest, { host }: OperatorContext): void {
    // Telling of an earlier effect may have closed the sink: then nothing more is asked for.
    if (this.#state?.request !== request) return;
    const { ledger } = host;
    const done: LedgerDone = (result) => this.#onAnswer(request, result);
    switch (request.kind) {
      case "fence":
        ledger.fence(request.producer, request.attempt, request.keep, done);
        return;
      case "write": {
        const rows = this.#unconfirmed.first(request.rows);
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

  /** Of a request that was given up, by close or failure, no answer counts any more. */
  #onAnswer(request: LedgerRequest, result: Result<undefined, LedgerError>): void {
    if (this.#state?.request !== request) return;
    if (result.ok) {
      if (request.kind === "write") this.#unconfirmed.drop(request.rows);
      this.#tell({ kind: "confirmed" });
    } else if (isOpen(result.error)) {
      this.#tell({ kind: "timed-out" });
    } else {
      const { uid } = this.#opened();
      const why = `sink "${uid}": the ledger refuses ${request.kind}, ${ledgerErrorText(result.error)}`;
      this.#tell({ kind: "refused", why, lost: request.kind === "commit" });
    }
  }

  #fail(why: string, lost: boolean, { fail, uid }: OperatorContext): void {
    for (const done of this.#acknowledge.values()) done(err(why));
    this.#acknowledge.clear();
    if (lost) fail(why, uid);
    else fail(why);
  }
}
