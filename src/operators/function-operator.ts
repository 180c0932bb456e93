/**
 * What every operator has in common that runs a user's function with a life of its own: one instance
 * per attempt, opened before any element, told of checkpoints, closed once.
 *
 * FU1  What the function throws fails the task, with the operator's uid and what it was doing.
 *
 * Not here: what the function gets to see (`keyed-function-operator.ts`, `subtask-function-operator.ts`).
 */
import { InvariantError, present } from "../core/assert.ts";
import type { CheckpointId } from "../core/ids.ts";
import type { OperatorStateSnapshot } from "../state/operator-snapshot.ts";
import type { OperatorStateBackend } from "../state/operator-state-backend.ts";
import { BaseOperator } from "./base-operator.ts";
import type { Lifecycle } from "./functions.ts";
import type { OperatorContext, Output } from "./operator.ts";
import { OutputCollector } from "./output-collector.ts";
import { rethrow } from "./user-function-error.ts";

export abstract class FunctionOperator<F extends Lifecycle, I, O> extends BaseOperator<I, O> {
  /** One for all records, so a function must not keep it. */
  protected readonly collector: OutputCollector<O>;
  readonly #create: () => F;
  #fn: F | undefined;
  #context: OperatorContext | undefined;
  #closed = false;

  constructor(create: () => F, output: Output<O>) {
    super(output);
    this.#create = create;
    this.collector = new OutputCollector(output);
  }

  override processElement(value: I, timestampMs: number): void {
    try {
      this.first(value, timestampMs);
    } catch (error) {
      this.failed(error, "on record", value);
    }
  }

  /** Hands a record of the first input, or of the only one, to the function. */
  protected abstract first(value: I, timestampMs: number): void;

  protected get fn(): F {
    const fn = this.#fn;
    if (fn === undefined) throw new InvariantError("an operator is used before it is open");
    return fn;
  }

  protected get context(): OperatorContext {
    return present(this.#context, () => "an operator is used before it is open");
  }

  /** Makes the function; `open` hands it its context. */
  protected start(context: OperatorContext, open: (fn: F) => void): void {
    this.#context = context;
    try {
      const fn = this.#create();
      open(fn);
      this.#fn = fn;
    } catch (error) {
      this.failed(error, "opening subtask", context.subtask);
    }
  }

  override checkpointCompleted(checkpointId: CheckpointId, done: () => void): void {
    try {
      this.#fn?.onCheckpointCompleted?.(checkpointId);
    } catch (error) {
      this.failed(error, "on completed checkpoint", checkpointId);
    }
    done();
  }

  override close(): void {
    const fn = this.#fn;
    if (this.#closed || fn === undefined) return;
    this.#closed = true;
    try {
      fn.close?.();
    } catch (error) {
      this.failed(error, "closing subtask", this.context.subtask);
    }
  }

  /** As bytes, at once (C63); a value that is not of its declared type is found here. */
  protected operatorState(state: OperatorStateBackend): readonly OperatorStateSnapshot[] {
    try {
      return state.snapshot();
    } catch (error) {
      return this.failed(error, "taking a snapshot of subtask", this.context.subtask);
    }
  }

  protected failed(error: unknown, doing: string, value: unknown): never {
    return rethrow(error, this.context.uid, doing, value);
  }
}
