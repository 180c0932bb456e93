/**
 * The contract between a subtask and the operators of its chain.
 *
 * A subtask drives its chain from head to tail, one element at a time; operators hand output to the
 * next by calling it. Nothing here is asynchronous but the two places where an operator talks to the
 * outside: `prepareSnapshot` and `checkpointCompleted`, which answer through `done`.
 *
 * Order at a barrier (C3): `prepareBarrier` of every operator, head to tail (its output goes in front
 * of the barrier); the barrier to every output; then `snapshot` of every operator, in one step.
 */
import type { CheckpointId, OperatorUid, SubtaskIndex } from "../core/ids.ts";
import type { Result } from "../core/result.ts";
import type { Host } from "../host/host.ts";
import type { KeyGroupSnapshot, PendingSnapshot, StateBackend } from "../state/state-backend.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import type { KeyGroupRange } from "../state/state-backend.ts";
import type { AttemptId } from "../core/ids.ts";

/** The next operator of a chain, or the outputs of the subtask. */
export interface Output<T> {
  emit(value: T, timestampMs: number): void;
  emitWatermark(watermarkMs: number): void;
}

/** What an operator gets at `open`. */
export type OperatorContext = Readonly<{
  host: Host;
  jobName: string;
  uid: OperatorUid;
  subtask: SubtaskIndex;
  parallelism: number;
  maxParallelism: number;
  keyGroups: KeyGroupRange;
  attempt: AttemptId;
  backend: StateBackend;
  /** True when the job comes from a checkpoint. */
  restored: boolean;
  /** Fails the task; the job manager decides what follows. Later calls change nothing. */
  fail(why: string): void;
  /** Asks the subtask to run: a timer is due, a fetch has come back. */
  wakeUp(): void;
}>;

/** What one operator puts into a snapshot: taken at once, written later. */
export type PendingOperatorSnapshot = Readonly<{
  keyed: PendingSnapshot | undefined;
  timers: readonly KeyGroupSnapshot[];
  operatorState: readonly Uint8Array[];
}>;

export interface Operator<I> {
  /** Before any element. `state` holds every handle that falls to this subtask: empty when fresh. */
  open(context: OperatorContext, state: readonly OperatorSnapshot[]): void;
  processElement(value: I, timestampMs: number): void;
  /** Fires what is due, then passes the watermark on (C71). */
  processWatermark(watermarkMs: number): void;
  /** Processing time has come to `nowMs`; fires what is due. The next due time, or undefined. */
  advanceProcessingTime(nowMs: number): number | undefined;
  /** Before the barrier leaves: flushes what must precede it. */
  prepareBarrier(checkpointId: CheckpointId): void;
  /** The synchronous part; `done` is called once the outside has confirmed its share. */
  snapshot(
    checkpointId: CheckpointId,
    done: (result: Result<undefined, string>) => void,
  ): PendingOperatorSnapshot;
  /** A hint (C32): may be missing, late, or skip ids. `done` once everything that follows is done. */
  checkpointCompleted(checkpointId: CheckpointId, done: () => void): void;
  checkpointAborted(checkpointId: CheckpointId): void;
  /** The input has ended, final watermark included: emit what is held back. Not after a restore as ended. */
  finish(): void;
  /** The attempt is over, in whatever way: release what is held outside. */
  close(): void;
}

/** The head of a source chain: the subtask asks it for records when there is room downstream. */
export interface SourceOperator<T> {
  open(context: OperatorContext, state: readonly OperatorSnapshot[], output: Output<T>): void;
  /** Emits up to `recordsMax` of what has been fetched; how many. Zero: nothing there, `wakeUp` follows. */
  poll(recordsMax: number): number;
  /** True once every split has been read to its end. */
  readonly ended: boolean;
  prepareBarrier(checkpointId: CheckpointId): void;
  snapshot(): PendingOperatorSnapshot;
  checkpointCompleted(checkpointId: CheckpointId): void;
  close(): void;
}
