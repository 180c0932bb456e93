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
import type { KeyGroupRange, KeyGroupSnapshot } from "../state/keyed-snapshot.ts";
import type { CheckpointId, OperatorUid, SubtaskIndex } from "../core/ids.ts";
import type { Result } from "../core/result.ts";
import type { Host } from "../host/host.ts";
import type { LogPosition } from "../host/services.ts";
import type { OperatorSnapshot, OperatorStateSnapshot } from "../state/operator-snapshot.ts";
import type {
  BackendStorage,
  PendingSnapshot,
  SnapshotRequest,
  StateBackend,
} from "../state/state-backend.ts";
import type { AttemptId } from "../core/ids.ts";
import type { OutputTag } from "./output-tag.ts";

/** The next operator of a chain, or the outputs of the subtask. */
export interface Output<T> {
  emit(value: T, timestampMs: number): void;
  /** To whoever reads this side output; nobody is fine. */
  emitSide<S>(tag: OutputTag<S>, value: S, timestampMs: number): void;
  emitWatermark(watermarkMs: number): void;
  /** Nothing will come for a while, or something may again (C78). */
  emitStatus(idle: boolean): void;
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
  /** For backends that keep state elsewhere than in memory; absent in tests of single operators. */
  storage?: BackendStorage;
  /** The checkpoint that the job comes from; absent, or 0, where it starts afresh. */
  restoredFrom?: CheckpointId;
  /** True when the job comes from a checkpoint. */
  restored: boolean;
  /**
   * Fails the task; the job manager decides what follows. Later calls change nothing.
   *
   * @param culprit the operator that would fail in the same words after every restart: after a few of
   *                them the job fails for good
   */
  fail(why: string, culprit?: OperatorUid): void;
  /** The job manager is to hear soon how this subtask is. */
  report(): void;
  /** Asks the subtask to run: a timer is due, a fetch has come back. */
  wakeUp(): void;
}>;

/** What one operator puts into a snapshot: taken at once, written later. */
export type PendingOperatorSnapshot = Readonly<{
  keyed: PendingSnapshot | undefined;
  timers: readonly KeyGroupSnapshot[];
  operatorState: readonly OperatorStateSnapshot[];
}>;

export interface Operator<I> {
  /**
   * False while it can take no more input: back-pressure from within. Only the head of a chain is
   * asked, so an operator that may refuse is never fused to one before it.
   */
  readonly available: boolean;
  /**
   * False while it holds what is in no snapshot of it: those have to wait for `advanceProcessingTime`, in
   * which it lets go. Asked of the head of a chain; always true where it is absent.
   */
  readonly settled?: boolean;
  /** Before any element. `state` holds every handle that falls to this subtask: empty when fresh. */
  open(context: OperatorContext, state: readonly OperatorSnapshot[]): void;
  processElement(value: I, timestampMs: number): void;
  /** Fires what is due, then passes the watermark on (C71). */
  processWatermark(watermarkMs: number): void;
  /** The input as a whole went idle, or is active again. */
  processStatus(idle: boolean): void;
  /**
   * Processing time has come to `nowMs`; fires what is due, and emits what the outside has answered
   * since. The next due time, or undefined.
   *
   * @param blocked for some of the time since the last call the subtask did not read all of its input:
   *                no room downstream, or a channel that waited for a barrier of others (C82)
   */
  advanceProcessingTime(nowMs: number, blocked?: boolean): number | undefined;
  /** Before the barrier leaves: flushes what must precede it. */
  prepareBarrier(checkpointId: CheckpointId): void;
  /**
   * The synchronous part; `done` is called once the outside has confirmed its share. Who keeps keyed state
   * passes `request` on to it; without one the canonical form is meant.
   */
  snapshot(
    checkpointId: CheckpointId,
    done: (result: Result<undefined, string>) => void,
    request?: SnapshotRequest,
  ): PendingOperatorSnapshot;
  /** A hint (C32): may be missing, late, or skip ids. `done` once everything that follows is done. */
  checkpointCompleted(checkpointId: CheckpointId, done: () => void): void;
  checkpointAborted(checkpointId: CheckpointId): void;
  /**
   * The input has ended, final watermark included: emit what is held back. Not after a restore as
   * ended. False: not all of it can be emitted yet; asked again after the next `wakeUp`. Only the head
   * of a chain may answer so: those behind it must not hear of the end before that.
   */
  finish(): boolean;
  /** The attempt is over, in whatever way: release what is held outside. */
  close(): void;
}

/** An operator with two inputs of different kinds; its first is that of `processElement`. */
export interface TwoInputOperator<L, R> extends Operator<L> {
  processSecond(value: R, timestampMs: number): void;
}

/** What a source subtask is to read from now on, beside what it reads already. */
export type SplitAssignment = Readonly<{
  splits: readonly LogPosition[];
  /** These were the last ones. */
  noMore: boolean;
}>;

/** The head of a source chain: the subtask asks it for records when there is room downstream. */
export interface SourceOperator<T> {
  open(context: OperatorContext, state: readonly OperatorSnapshot[], output: Output<T>): void;
  /** Once the subtask runs; the first one, perhaps without splits, says that those found are given. */
  assign(assignment: SplitAssignment): void;
  /** Emits up to `recordsMax` of what has been fetched; how many. Zero: nothing there, `wakeUp` follows. */
  poll(recordsMax: number): number;
  /** The outputs have no room: until the next `poll`, silence says nothing about the splits (C82). */
  blocked(): void;
  /** True once every split has been read to its end, and no other will come. */
  readonly ended: boolean;
  /**
   * How far it has come, by its watermark, for the others of its alignment group. Plus infinity while
   * they need not wait for it; undefined where it is in none.
   */
  readonly levelMs: number | undefined;
  /** Splits whose watermarks are above that wait; a lower limit than one before is an older one. */
  align(limitMs: number): void;
  prepareBarrier(checkpointId: CheckpointId): void;
  snapshot(): PendingOperatorSnapshot;
  checkpointCompleted(checkpointId: CheckpointId): void;
  close(): void;
}
