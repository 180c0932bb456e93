/**
 * The committer of a sink: takes committables from writers and commits them in the ledger.
 *
 * Not here: which ones and when (`committer.ts`).
 */
import type { CheckpointId } from "../core/ids.ts";
import type { Step } from "../core/machine.ts";
import { transactionText, type LedgerError } from "../host/services.ts";
import type { OperatorContext, PendingOperatorSnapshot } from "../operators/operator.ts";
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
import { ledgerErrorText } from "./ledger-error.ts";
import { SinkOperator, type SnapshotDone } from "./sink-operator.ts";

type CommitProtocol = Readonly<{
  state: CommitterState;
  event: CommitterEvent;
  effect: CommitterEffect;
  error: LedgerError;
}>;

export class CommitterOperator extends SinkOperator<Committable, CommitProtocol> {
  constructor() {
    super("a committer");
  }

  override open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    refuseKeyedState(context.uid, state);
    const given = state.flatMap((part) => elementsOf(part, COMMITTER_STATE).map(decodeHeld));
    const start = startCommitter(given);
    this.start(context, start);
  }

  override processElement(committable: Committable): void {
    this.tell({ kind: "committable", committable });
  }

  override snapshot(checkpointId: CheckpointId, done: SnapshotDone): PendingOperatorSnapshot {
    const elements = heldCommittables(this.state, checkpointId).map(encodeHeld);
    this.barrier(checkpointId, done);
    const held = { name: COMMITTER_STATE, mode: "split", elements } as const;
    return { keyed: undefined, timers: [], operatorState: [held] };
  }

  override checkpointCompleted(checkpointId: CheckpointId, done: () => void): void {
    this.awaitSettled(checkpointId, done);
    this.tell({ kind: "completed", checkpointId });
  }

  override finish(): boolean {
    this.tell({ kind: "finish" });
    return true;
  }

  protected override step(
    state: CommitterState,
    event: CommitterEvent,
  ): Step<CommitterState, CommitterEffect> {
    return onCommitterEvent(state, event);
  }

  protected override act(effect: CommitterEffect): void {
    const { host, uid } = this.opened;
    switch (effect.kind) {
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
      case "fail":
        // Whoever is restored with it will be told the same.
        this.failed(effect.why, uid);
        return;
      default:
        this.perform(effect);
    }
  }

  protected override ask(request: CommitRequest): void {
    const { committable, checkpointId } = request;
    const { ledger } = this.opened.host;
    ledger.commit(committable, checkpointId, (result) =>
      this.answer(request, result, () => this.tell({ kind: "confirmed" })),
    );
  }

  protected override refused(_request: CommitRequest, error: LedgerError): void {
    const why = `the ledger refuses commit, ${ledgerErrorText(error)}`;
    this.tell({ kind: "refused", why: `sink "${this.opened.uid}": ${why}` });
  }
}
