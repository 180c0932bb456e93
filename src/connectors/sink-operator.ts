/**
 * What every operator of a sink does to play its protocol: it keeps the state, carries out the effects
 * that all protocols have in common, and remembers who waits for what. The sinks themselves say what to
 * ask of which service, and what a checkpoint holds of them.
 *
 * It is the end of what flows in time: no watermark, status or timer passes it.
 *
 * SQ3  An answer counts only while its request is under way: of one that was given up, by close or
 *      failure, it says nothing to anybody.
 * SQ4  Whoever waits for an acknowledgement hears of a failure, and nobody hears anything behind a close.
 *
 * Not here: the protocols' own common part (`sink-protocol.ts`), rows on their way (`row-sink.ts`).
 */
import { present, unreachable } from "../core/assert.ts";
import type { CheckpointId, OperatorUid } from "../core/ids.ts";
import type { Step } from "../core/machine.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { TimerHandle } from "../host/host.ts";
import type { LedgerError } from "../host/services.ts";
import type { TableError } from "../host/tables.ts";
import type { Operator, OperatorContext, PendingOperatorSnapshot } from "../operators/operator.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import { isOpen } from "./ledger-error.ts";
import type { Asking, ProtocolEffect, ProtocolEvent, Settled } from "./sink-protocol.ts";

/** The types of one protocol, and of what the outside refuses with. */
export type Protocol = Readonly<{
  state: Asking<unknown>;
  event: unknown;
  effect: unknown;
  error: LedgerError | TableError;
}>;
export type RequestOf<P extends Protocol> = NonNullable<P["state"]["request"]>;
/** A no for good: what leaves the outcome open is no refusal, and no sink sees it. */
export type RefusalOf<P extends Protocol> = Exclude<
  P["error"],
  Readonly<{ kind: "timeout" } | { kind: "unavailable" }>
>;

export type SnapshotDone = (result: Result<undefined, string>) => void;

export abstract class SinkOperator<T, P extends Protocol> implements Operator<T> {
  readonly #what: string;
  #context: OperatorContext | undefined;
  #state: P["state"] | undefined;
  #retry: TimerHandle | undefined;
  readonly #acknowledge = new Map<CheckpointId, SnapshotDone>();
  readonly #settled = new Map<CheckpointId, (() => void)[]>();

  /** @param what for errors of whoever uses it wrongly */
  constructor(what: string) {
    this.#what = what;
  }

  /** The protocol itself. */
  protected abstract step(
    state: P["state"],
    event: P["event"] | ProtocolEvent,
  ): Step<P["state"], P["effect"]>;

  /** Its own effects here, the common ones through `perform`. */
  protected abstract act(effect: P["effect"]): void;

  /** Makes the request; `answer` is to be told what comes of it. */
  protected abstract ask(request: RequestOf<P>): void;

  /** It will never be done, however often it is asked for. */
  protected abstract refused(request: RequestOf<P>, error: RefusalOf<P>): void;

  get available(): boolean {
    return true;
  }

  abstract open(context: OperatorContext, state: readonly OperatorSnapshot[]): void;

  abstract processElement(value: T, timestampMs: number): void;

  processWatermark(_watermarkMs: number): void {}

  processStatus(_idle: boolean): void {}

  advanceProcessingTime(_nowMs: number): number | undefined {
    return undefined;
  }

  prepareBarrier(_checkpointId: CheckpointId): void {}

  abstract snapshot(checkpointId: CheckpointId, done: SnapshotDone): PendingOperatorSnapshot;

  checkpointCompleted(_checkpointId: CheckpointId, done: () => void): void {
    done();
  }

  /** What is filed under it goes with the next one that completes (C99). */
  checkpointAborted(_checkpointId: CheckpointId): void {}

  abstract finish(): boolean;

  close(): void {
    const context = this.#context;
    if (context === undefined) return;
    if (this.#retry !== undefined) context.host.cancelTimer(this.#retry);
    this.tell({ kind: "close" });
    this.#acknowledge.clear();
    this.#settled.clear();
  }

  protected get isStarted(): boolean {
    return this.#state !== undefined;
  }

  protected get opened(): OperatorContext {
    return present(this.#context, () => `${this.#what} is used before it is open`);
  }

  protected get state(): P["state"] {
    return present(this.#state, () => `${this.#what} is used before it is open`);
  }

  protected start(
    context: OperatorContext,
    { state, effects }: Step<P["state"], P["effect"]>,
  ): void {
    this.#context = context;
    this.#state = state;
    for (const effect of effects) this.act(effect);
  }

  protected tell(event: P["event"] | ProtocolEvent): void {
    const { state, effects } = this.step(this.state, event);
    this.#state = state;
    for (const effect of effects) this.act(effect);
  }

  /** `done` may be called before this returns: where nothing is written nobody's word is needed. */
  protected barrier(checkpointId: CheckpointId, done: SnapshotDone): void {
    this.#acknowledge.set(checkpointId, done);
    this.tell({ kind: "barrier", checkpointId });
  }

  /** To be called before the protocol is told of the completion. */
  protected awaitSettled(checkpointId: CheckpointId, done: () => void): void {
    const waiting = this.#settled.get(checkpointId);
    if (waiting !== undefined) waiting.push(done);
    else this.#settled.set(checkpointId, [done]);
  }

  protected perform(effect: ProtocolEffect<RequestOf<P>> | Settled): void {
    switch (effect.kind) {
      case "request":
        // Telling of an earlier effect may have closed the sink: then nothing more is asked for.
        if (this.#isUnderWay(effect.request)) this.ask(effect.request);
        return;
      case "retry-after":
        this.#retry = this.opened.host.setTimer(effect.delayMs * 1_000, () => {
          this.#retry = undefined;
          this.tell({ kind: "retry-due" });
        });
        return;
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
      case "ignore":
        return;
      default:
        unreachable(effect);
    }
  }

  /** SQ3. */
  protected answer<V>(
    request: RequestOf<P>,
    result: Result<V, P["error"]>,
    confirmed: (value: V) => void,
  ): void {
    if (!this.#isUnderWay(request)) return;
    if (result.ok) confirmed(result.value);
    else if (isOpen(result.error)) this.tell({ kind: "timed-out" });
    else this.refused(request, result.error as RefusalOf<P>);
  }

  /**
   * SQ4: fails what waits, and the task.
   *
   * @param culprit where whoever is restored with the same state will fail in the same words
   */
  protected failed(why: string, culprit?: OperatorUid): void {
    for (const done of this.#acknowledge.values()) done(err(why));
    this.#acknowledge.clear();
    this.opened.fail(why, culprit);
  }

  #isUnderWay(request: RequestOf<P>): boolean {
    return this.#state?.request === request;
  }
}
