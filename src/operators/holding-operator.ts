/**
 * Stands in front of a keyed operator whose state may be away, and holds back what comes while it is.
 *
 *   record of a key whose state is away  -> held, and all that comes behind it
 *   watermark                            -> held until every timer it makes due has fired
 *
 * While anything is held the subtask reads no more input, so what is held is short: a record, and at the end
 * of an input what the channel says of time. It is no part of a snapshot; a snapshot waits for it.
 *
 * HO1  Elements reach the operator in the order in which they came, and none before its state is at hand.
 * HO2  No snapshot is taken while something is held (`settled`): it would be in neither state nor channel.
 *
 * Source: Flink's AsyncExecutionController, which lets other keys overtake. We differ: order is kept
 * throughout. Not here: what brings state (`../state/remote`), who waits (`runtime/subtask-chain.ts`).
 */
import { assert, unreachable } from "../core/assert.ts";
import type { CheckpointId } from "../core/ids.ts";
import type { Result } from "../core/result.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import type { SnapshotRequest } from "../state/state-backend.ts";
import type { KeySelector } from "./functions.ts";
import type { StateGate } from "./keyed-core.ts";
import type {
  Operator,
  OperatorContext,
  PendingOperatorSnapshot,
  TwoInputOperator,
} from "./operator.ts";

/** An operator with keyed state. */
export type GatedOperator<K> = (Operator<unknown> | TwoInputOperator<unknown, unknown>) &
  Readonly<{ gate: StateGate<K> }>;

type Held =
  | Readonly<{ kind: "record"; input: number; value: unknown; timestampMs: number }>
  | Readonly<{ kind: "watermark"; watermarkMs: number }>
  | Readonly<{ kind: "status"; idle: boolean }>;

export class HoldingOperator<K> implements TwoInputOperator<unknown, unknown> {
  readonly #inner: GatedOperator<K>;
  readonly #keys: readonly KeySelector<unknown, K>[];
  readonly #held: Held[] = [];

  /** @param keys one for each input that has keys */
  constructor(inner: GatedOperator<K>, keys: readonly KeySelector<unknown, K>[]) {
    this.#inner = inner;
    this.#keys = keys;
  }

  get available(): boolean {
    return this.#held.length === 0 && !this.#inner.gate.waits && this.#inner.available;
  }

  get settled(): boolean {
    return this.#held.length === 0;
  }

  open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    this.#inner.open(context, state);
  }

  processElement(value: unknown, timestampMs: number): void {
    this.#record(0, value, timestampMs);
  }

  processSecond(value: unknown, timestampMs: number): void {
    this.#record(1, value, timestampMs);
  }

  processWatermark(watermarkMs: number): void {
    this.#take({ kind: "watermark", watermarkMs });
  }

  processStatus(idle: boolean): void {
    this.#take({ kind: "status", idle });
  }

  advanceProcessingTime(nowMs: number, blocked?: boolean): number | undefined {
    while (this.#held.length > 0) {
      if (!this.#give(this.#held[0]!)) return undefined;
      this.#held.shift();
    }
    return this.#inner.advanceProcessingTime(nowMs, blocked);
  }

  prepareBarrier(checkpointId: CheckpointId): void {
    this.#inner.prepareBarrier(checkpointId);
  }

  snapshot(
    checkpointId: CheckpointId,
    done: (result: Result<undefined, string>) => void,
    request?: SnapshotRequest,
  ): PendingOperatorSnapshot {
    assert(
      this.settled,
      () => `HO2 checkpoint ${checkpointId} while ${this.#held.length} are held`,
    );
    return this.#inner.snapshot(checkpointId, done, request);
  }

  checkpointCompleted(checkpointId: CheckpointId, done: () => void): void {
    this.#inner.checkpointCompleted(checkpointId, done);
  }

  checkpointAborted(checkpointId: CheckpointId): void {
    this.#inner.checkpointAborted(checkpointId);
  }

  finish(): boolean {
    return this.#held.length === 0 && this.#inner.finish();
  }

  close(): void {
    this.#held.length = 0;
    this.#inner.close();
  }

  #record(input: number, value: unknown, timestampMs: number): void {
    if (this.#held.length === 0 && this.#isAtHand(input, value)) {
      this.#process(input, value, timestampMs);
    } else {
      this.#held.push({ kind: "record", input, value, timestampMs });
    }
  }

  #take(element: Held): void {
    if (this.#held.length > 0 || !this.#give(element)) this.#held.push(element);
  }

  /** False: not all that it needs is at hand. */
  #give(element: Held): boolean {
    switch (element.kind) {
      case "record": {
        const { input, value, timestampMs } = element;
        if (!this.#isAtHand(input, value)) return false;
        this.#process(input, value, timestampMs);
        return true;
      }
      case "watermark":
        this.#inner.processWatermark(element.watermarkMs);
        return !this.#inner.gate.waits;
      case "status":
        this.#inner.processStatus(element.idle);
        return true;
      default:
        return unreachable(element);
    }
  }

  #isAtHand(input: number, value: unknown): boolean {
    const selectKey = this.#keys[input];
    if (selectKey === undefined) return true;
    let key: K;
    try {
      key = selectKey(value);
    } catch {
      // The operator asks for the key as well, and says whose function throws.
      return true;
    }
    return this.#inner.gate.isAtHand(key);
  }

  #process(input: number, value: unknown, timestampMs: number): void {
    const inner = this.#inner;
    if (input === 0) inner.processElement(value, timestampMs);
    else if ("processSecond" in inner) inner.processSecond(value, timestampMs);
    else assert(false, () => `a record of input ${input} at an operator with one`);
  }
}
