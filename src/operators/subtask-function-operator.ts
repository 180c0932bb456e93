/**
 * What operators have in common that run a user's function without keys: its state belongs to the
 * subtask, and it has no timers.
 *
 * SP1  `onEndOfInput` runs once, after all input and the final watermark; what it emits has no
 *      timestamp. Not after a restore as ended (C116): the subtask then asks nobody to finish.
 *
 * Not here: the state (`state/operator-state-backend.ts`).
 */
import { present } from "../core/assert.ts";
import { NO_TIMESTAMP, WATERMARK_MIN } from "../core/element.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import { OperatorStateBackend } from "../state/operator-state-backend.ts";
import { StateIncompatibleError } from "../types/state-incompatible.ts";
import type { Clocks, CurrentRecord } from "./current-record.ts";
import { FunctionOperator } from "./function-operator.ts";
import type { Collector, Lifecycle, OperatorRuntimeContext } from "./functions.ts";
import type { OperatorContext, PendingOperatorSnapshot } from "./operator.ts";
import { operatorRuntimeContext } from "./runtime-context.ts";

interface SubtaskFunction<O> extends Lifecycle {
  open?(context: OperatorRuntimeContext): void;
  onEndOfInput?(out: Collector<O>): void;
}

export abstract class SubtaskFunctionOperator<
  F extends SubtaskFunction<O>,
  I,
  O,
> extends FunctionOperator<F, I, O> {
  /** What the function sees of the record in hand. */
  protected abstract readonly current: CurrentRecord;
  protected readonly clocks: Clocks = {
    processingTimeMs: () => this.context.host.wallMs(),
    watermarkMs: () => this.#watermarkMs,
  };
  #watermarkMs = WATERMARK_MIN;
  #state: OperatorStateBackend | undefined;

  override open(context: OperatorContext, snapshots: readonly OperatorSnapshot[]): void {
    for (const { uid, keyed, timers } of snapshots) {
      if (keyed.length + timers.length > 0) throw keyedStateFound(uid);
    }
    const state = new OperatorStateBackend(context.uid, snapshots);
    this.#state = state;
    this.start(context, (fn) => fn.open?.(operatorRuntimeContext(context, state)));
  }

  override processWatermark(watermarkMs: number): void {
    this.#watermarkMs = watermarkMs;
    this.output.emitWatermark(watermarkMs);
  }

  override finish(): boolean {
    this.collector.timestampMs = NO_TIMESTAMP;
    try {
      this.fn.onEndOfInput?.(this.collector);
    } catch (error) {
      this.failed(error, "at the end of input of subtask", this.context.subtask);
    }
    return true;
  }

  protected get state(): OperatorStateBackend {
    return present(this.#state, () => "an operator is used before it is open");
  }

  protected override takeSnapshot(): PendingOperatorSnapshot {
    return { keyed: undefined, timers: [], operatorState: this.operatorState(this.state) };
  }

  protected enter(timestampMs: number): void {
    this.current.timestampMs = timestampMs;
    this.collector.timestampMs = timestampMs;
  }
}

const keyedStateFound = (uid: string): StateIncompatibleError =>
  new StateIncompatibleError(
    `operator "${uid}" has no keys, yet the checkpoint holds keyed state under its uid; ` +
      "give the operator that wrote it this uid, or start without the checkpoint",
  );
