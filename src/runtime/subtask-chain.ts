/**
 * The operators of one subtask, driven as one: what concerns all of them goes head to tail.
 *
 * Not here: how a chain is made from a plan (`task-factory.ts`), when it is driven (`subtask.ts`).
 */
import { assert, InvariantError } from "../core/assert.ts";
import type { CheckpointId, OperatorUid } from "../core/ids.ts";
import type { Operator, OperatorContext, Output, SourceOperator } from "../operators/operator.ts";
import type { OperatorSnapshot, SubtaskSnapshot } from "../state/operator-snapshot.ts";
import type { SnapshotRequest } from "../state/state-backend.ts";
import type { SnapshotUpload, UploadPart } from "./snapshot-upload.ts";

export type ChainedOperator = Readonly<{ uid: OperatorUid; operator: Operator<unknown> }>;
export type ChainedSource = Readonly<{ uid: OperatorUid; operator: SourceOperator<unknown> }>;

export type SubtaskChainParts = Readonly<{
  /** For people: "lines -> words". */
  name: string;
  source: ChainedSource | undefined;
  operators: readonly ChainedOperator[];
  /** Where the elements of the gate or of the source go: one for each input of the head. */
  heads: readonly Output<unknown>[];
  contextOf(uid: OperatorUid, restored: boolean): OperatorContext;
}>;

export class SubtaskChain {
  readonly name: string;
  readonly source: SourceOperator<unknown> | undefined;
  readonly heads: readonly Output<unknown>[];
  readonly #parts: SubtaskChainParts;
  readonly #headOperator: Operator<unknown> | undefined;
  /** What waits until the head holds nothing back. */
  #whenSettled: (() => void)[] = [];

  constructor(parts: SubtaskChainParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.heads = parts.heads;
    this.#headOperator = parts.operators[0]?.operator;
    this.source = parts.source?.operator;
  }

  /** False while the head takes no more input. */
  get available(): boolean {
    return this.#headOperator?.available ?? true;
  }

  /** Runs `act` as soon as the head holds nothing back, before it takes in anything else: now, mostly. */
  whenSettled(act: () => void): void {
    if (this.#isSettled && this.#whenSettled.length === 0) act();
    else this.#whenSettled.push(act);
  }

  /** Time concerns the chain as a whole, whichever input it came by. */
  get first(): Output<unknown> {
    return this.heads[0]!;
  }

  open(snapshots: readonly SubtaskSnapshot[], restored: boolean): void {
    const { source, operators, heads, contextOf } = this.#parts;
    const stateOf = (uid: OperatorUid): OperatorSnapshot[] =>
      snapshots.flatMap((snapshot) => snapshot.operators.filter((state) => state.uid === uid));
    for (const { uid, operator } of [...operators].reverse()) {
      operator.open(contextOf(uid, restored), stateOf(uid));
    }
    source?.operator.open(contextOf(source.uid, restored), stateOf(source.uid), heads[0]!);
  }

  prepareBarrier(checkpointId: CheckpointId): void {
    this.source?.prepareBarrier(checkpointId);
    for (const { operator } of this.#parts.operators) operator.prepareBarrier(checkpointId);
  }

  /** The synchronous part; `upload` learns whom to wait for. */
  snapshot(request: SnapshotRequest, upload: SnapshotUpload): readonly UploadPart[] {
    const { source, operators } = this.#parts;
    const parts: UploadPart[] = operators.map(({ uid, operator }) => ({
      uid,
      pending: operator.snapshot(request.checkpointId, upload.await(), request),
    }));
    if (source !== undefined) {
      parts.unshift({ uid: source.uid, pending: source.operator.snapshot() });
    }
    return parts;
  }

  /**
   * Everyone hears of it, whatever some of them throw; then the first of that is thrown on (C33).
   *
   * @param done once every operator has carried out what follows from it (C97)
   */
  checkpointCompleted(checkpointId: CheckpointId, done: () => void): void {
    const { operators } = this.#parts;
    let open = operators.length;
    const onDone = (): void => {
      open--;
      if (open === 0) done();
    };
    const thrown: unknown[] = [];
    attempt(() => this.source?.checkpointCompleted(checkpointId), thrown);
    for (const { operator } of operators) {
      attempt(() => operator.checkpointCompleted(checkpointId, onDone), thrown);
    }
    if (thrown.length > 0) throw thrown[0];
    if (operators.length === 0) done();
  }

  checkpointAborted(checkpointId: CheckpointId): void {
    for (const { operator } of this.#parts.operators) operator.checkpointAborted(checkpointId);
  }

  /** Fires what is due; the next due time of all, plus infinity when there is none. */
  advanceProcessingTime(nowMs: number, blocked: boolean): number {
    const { operators } = this.#parts;
    let nextMs = Number.POSITIVE_INFINITY;
    for (let i = 0; i < operators.length; i++) {
      const dueMs = operators[i]!.operator.advanceProcessingTime(nowMs, blocked);
      if (dueMs !== undefined && dueMs < nextMs) nextMs = dueMs;
    }
    if (this.#whenSettled.length > 0) this.#settle();
    return nextMs;
  }

  /**
   * Head to tail: what one flushes reaches the next before that one's own end (C117). False: the head
   * is not done yet, and nobody behind it has heard of the end; call again when it asks to be woken.
   * Were another to hold back, those before it would be told of the end twice after a restore.
   */
  finish(): boolean {
    const { operators } = this.#parts;
    for (let i = 0; i < operators.length; i++) {
      const { uid, operator } = operators[i]!;
      const done = operator.finish();
      if (!done && i === 0) return false;
      assert(done, () => `C117 "${uid}" holds back at the end, and is not the head of its chain`);
    }
    return true;
  }

  /** Everyone lets go, whatever some of them throw; what they threw, as text. */
  close(): readonly string[] {
    const thrown: unknown[] = [];
    attempt(() => this.source?.close(), thrown);
    for (const { operator } of this.#parts.operators) attempt(() => operator.close(), thrown);
    return thrown.map((error) => (error instanceof Error ? error.message : String(error)));
  }

  get #isSettled(): boolean {
    return this.#headOperator?.settled ?? true;
  }

  #settle(): void {
    if (!this.#isSettled) return;
    const acts = this.#whenSettled;
    this.#whenSettled = [];
    for (const act of acts) act();
  }
}

/** Notes what the step throws, so that others come after it; what we assert is not held back. */
function attempt(step: () => void, thrown: unknown[]): void {
  try {
    step();
  } catch (error) {
    if (error instanceof InvariantError) throw error;
    thrown.push(error);
  }
}
