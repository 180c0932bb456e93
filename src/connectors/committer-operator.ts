/**
 * The committer of a sink: takes committables from writers and commits them in the ledger.
 *
 * Not here: which ones and when (`committer.ts`).
 */
import { present, unreachable } from "../core/assert.ts";
import type { CheckpointId } from "../core/ids.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { TimerHandle } from "../host/host.ts";
import { transactionText, type LedgerError } from "../host/services.ts";
import type { Operator, OperatorContext, PendingOperatorSnapshot } from "../operators/operator.ts";
import { elementsOf, type OperatorSnapshot } from "../state/operator-snapshot.ts";
import { COMMITTER_STATE, decodeHeld, encodeHeld, type Committable } from "./committable.ts";
import {
  heldCommittables,
  onCommitterEvent,
  startCommitter,
  type CommitRequest,
  type CommitterEffect,
  type CommitterEvent,
  type CommitterState,
} from "./committer.ts";
import { refuseKeyedState } from "./keyed-state.ts";
import { isOpen, ledgerErrorText } from "./ledger-error.ts";

type SnapshotDone = (result: Result<undefined, string>) => void;

export class CommitterOperator implements Operator<Committable> {
  readonly available = true;
  #context: OperatorContext | undefined;
  #state: CommitterState | undefined;
  #retry: TimerHandle | undefined;
  readonly #acknowledge = new Map<CheckpointId, SnapshotDone>();
  readonly #settled = new Map<CheckpointId, (() => void)[]>();

  open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    this.#context = context;
    refuseKeyedState(context.uid, state);
    const given = state.flatMap((part) => elementsOf(part, COMMITTER_STATE).map(decodeHeld));
    const start = startCommitter(given);
    this.#state = start.state;
    this.#carryOut(start.effects);
  }

  processElement(committable: Committable): void {
    this.#tell({ kind: "committable", committable });
  }

  processWatermark(_watermarkMs: number): void {}

  processStatus(_idle: boolean): void {}

  advanceProcessingTime(_nowMs: number): number | undefined {
    return undefined;
  }

  prepareBarrier(_checkpointId: CheckpointId): void {}

  snapshot(checkpointId: CheckpointId, done: SnapshotDone): PendingOperatorSnapshot {
    const elements = heldCommittables(this.#running(), checkpointId).map(encodeHeld);
    this.#acknowledge.set(checkpointId, done);
    this.#tell({ kind: "barrier", checkpointId });
    const held = { name: COMMITTER_STATE, mode: "split", elements } as const;
    return { keyed: undefined, timers: [], operatorState: [held] };
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
    this.#tell({ kind: "finish" });
    return true;
  }

  close(): void {
    const context = this.#context;
    if (context === undefined) return;
    if (this.#retry !== undefined) context.host.cancelTimer(this.#retry);
    this.#tell({ kind: "close" });
    this.#acknowledge.clear();
    this.#settled.clear();
  }

  #opened(): OperatorContext {
    return present(this.#context, () => "a committer is used before it is open");
  }

  #running(): CommitterState {
    return present(this.#state, () => "a committer is used before it is open");
  }

  #tell(event: CommitterEvent): void {
    const step = onCommitterEvent(this.#running(), event);
    this.#state = step.state;
    this.#carryOut(step.effects);
  }

  #carryOut(effects: readonly CommitterEffect[]): void {
    for (const effect of effects) this.#act(effect);
  }

  #act(effect: CommitterEffect): void {
    const { host, fail, uid } = this.#opened();
    switch (effect.kind) {
      case "request":
        this.#commit(effect.request);
        return;
      case "retry-after":
        this.#retry = host.setTimer(effect.delayMs * 1_000, () => {
          this.#retry = undefined;
          this.#tell({ kind: "retry-due" });
        });
        return;
      case "committed": {
        const { committable, checkpointId } = effect.request;
        const transaction = transactionText(committable);
        host.note({
          kind: "transaction-committed",
          checkpointId: checkpointId as CheckpointId,
          transaction,
        });
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
        // Whoever is restored with it will be told the same.
        fail(effect.why, uid);
        return;
      case "ignore":
        return;
      default:
        unreachable(effect);
    }
  }

  #commit(request: CommitRequest): void {
    // Telling of an earlier effect may have closed the committer: then nothing more is asked for.
    if (this.#state?.request !== request) return;
    const { committable, checkpointId } = request;
    const { ledger } = this.#opened().host;
    ledger.commit(committable, checkpointId, (result) => this.#onAnswer(request, result));
  }

  /** Of a request that was given up, by close or failure, no answer counts any more. */
  #onAnswer(request: CommitRequest, result: Result<undefined, LedgerError>): void {
    if (this.#state?.request !== request) return;
    if (result.ok) {
      this.#tell({ kind: "confirmed" });
    } else if (isOpen(result.error)) {
      this.#tell({ kind: "timed-out" });
    } else {
      const { uid } = this.#opened();
      const what = ledgerErrorText(result.error);
      this.#tell({ kind: "refused", why: `sink "${uid}": the ledger refuses commit, ${what}` });
    }
  }
}
