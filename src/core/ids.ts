/**
 * The ids that cross module borders, branded so that one is never taken for another.
 *
 * An index counts from 0, a count from 1, and an id is neither. Brands exist only for the compiler:
 * at run time every id is a plain number or string, so ids cost nothing on the hot path.
 */
declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Rises strictly over the life of a job, across restarts and leaders; 0 stands for "none yet". */
export type CheckpointId = Branded<number, "CheckpointId">;
/** One start of the whole job; rises strictly across leaders: epoch * 65_536 + n. */
export type AttemptId = Branded<number, "AttemptId">;
/** Fencing token of a job manager: the n-th leader of the job, from 1. */
export type LeaderEpoch = Branded<number, "LeaderEpoch">;
/** One parallel copy of a vertex: 0 to parallelism - 1. */
export type SubtaskIndex = Branded<number, "SubtaskIndex">;
/** 0 to maxParallelism - 1. */
export type KeyGroup = Branded<number, "KeyGroup">;
/** An input channel within one gate: 0 to channel count - 1. */
export type ChannelIndex = Branded<number, "ChannelIndex">;
/** A chain of operators in the physical plan: 0 to vertex count - 1, in topological order. */
export type VertexIndex = Branded<number, "VertexIndex">;
/** Names an operator across versions of a job; state is found by it. */
export type OperatorUid = Branded<string, "OperatorUid">;
/** A simulated or real process: "jm", "tm-0", "tm-1", "client". */
export type ProcessId = Branded<string, "ProcessId">;

export const asCheckpointId = (value: number): CheckpointId => value as CheckpointId;
export const asAttemptId = (value: number): AttemptId => value as AttemptId;
export const asLeaderEpoch = (value: number): LeaderEpoch => value as LeaderEpoch;
export const asSubtaskIndex = (value: number): SubtaskIndex => value as SubtaskIndex;
export const asKeyGroup = (value: number): KeyGroup => value as KeyGroup;
export const asChannelIndex = (value: number): ChannelIndex => value as ChannelIndex;
export const asVertexIndex = (value: number): VertexIndex => value as VertexIndex;
export const asOperatorUid = (value: string): OperatorUid => value as OperatorUid;
export const asProcessId = (value: string): ProcessId => value as ProcessId;

const ATTEMPTS_PER_EPOCH = 65_536;

/** The attempt id of the n-th start (from 1, at most 65_535) under one leader. */
export const attemptOf = (epoch: LeaderEpoch, n: number): AttemptId =>
  asAttemptId(epoch * ATTEMPTS_PER_EPOCH + n);

/** "2.1": the first attempt of the second leader. For people and paths; never parsed. */
export const attemptText = (attempt: AttemptId): string =>
  `${Math.floor(attempt / ATTEMPTS_PER_EPOCH)}.${attempt % ATTEMPTS_PER_EPOCH}`;
