/**
 * Lines up the barriers of one checkpoint across the input channels of one subtask.
 *
 * A snapshot holds every record before the barrier on every channel, and none behind it. So a
 * channel whose barrier comes early is blocked until the others have caught up.
 *
 *   flowing --first barrier--> aligning --last barrier or end--> flowing   snapshot, unblock
 *                                 |-------newer barrier-------> aligning   abandon, unblock, block
 *                                 \-------cancel, abort-------> flowing    abandon, unblock
 *
 * BA1  A blocked channel delivers nothing.
 * BA2  The checkpoint ids acted upon never decrease.
 * BA3  Every alignment ends once: in a snapshot, or abandoned.
 * BA4  What was abandoned or cancelled here is cancelled downstream: for one id the outputs carry a
 *      barrier or a cancellation, never both, so nobody downstream waits for what will not come.
 * BA6  What a newer marker overtakes is declined, so nobody waits for its snapshot until it expires.
 * BA5  A channel that has ended is never blocked and never waited for (C4).
 *
 * A newer marker, be it barrier or cancellation, gives up an older alignment: channels deliver ids
 * in order, so the older barrier will not come on that channel any more. An abort is another
 * matter: it comes from the job manager, overtakes the stream, and touches its own id alone (C7).
 *
 * A source has no channels; it asks with `onTrigger`, and gets the same memory of what is over.
 *
 * Source: Carbone et al. 2015, arXiv:1506.08603 (acyclic graphs); in Flink,
 * SingleCheckpointBarrierHandler. We differ: an aborted id is given up at its first barrier, not
 * when all have come; a gate does not time out an alignment, the coordinator's abort ends it.
 * Not here: who blocks the channels for real, and who writes the snapshot (runtime/subtask.ts).
 */
import { assert, assertWithin } from "../core/assert.ts";
import type { ChannelIndex, CheckpointId } from "../core/ids.ts";
import { asCheckpointId } from "../core/ids.ts";
import type { Step } from "../core/machine.ts";

/**
 * `latest` is the newest id acted upon, 0 before the first. `blocked` and `ended` are disjoint.
 * `aligning` may hold while nothing is blocked: a channel that has ended still delivers barriers.
 */
export type Aligner = Readonly<{
  channelCount: number;
  latest: CheckpointId;
  aligning: boolean;
  blocked: ReadonlySet<ChannelIndex>;
  ended: ReadonlySet<ChannelIndex>;
  /** Aborted before any barrier of theirs came; ascending, all above `latest`. */
  aborted: readonly CheckpointId[];
}>;
export type Barrier = Readonly<{ channel: ChannelIndex; checkpointId: CheckpointId }>;
export type AlignerEffect = Readonly<
  | { kind: "block"; channel: ChannelIndex }
  /** `snapshot`: the barrier to every output, then the snapshot, and nothing in between. */
  | { kind: "snapshot" | "abandon"; checkpointId: CheckpointId }
  /** BA6: the job manager does not know yet that there will be no snapshot. */
  | { kind: "decline"; checkpointId: CheckpointId }
  /** A cancellation marker to every output. */
  | { kind: "forward-cancel"; checkpointId: CheckpointId }
  | { kind: "unblock-all" }
  | { kind: "ignore"; why: "obsolete-barrier" | "obsolete-cancel" | "obsolete-abort" }
  /** An abort that came before the barrier it is about. */
  | { kind: "ignore"; why: "remembered-abort" }
>;
export type AlignerStep = Step<Aligner, AlignerEffect>;

/**
 * Aborts kept for barriers still to come. Only a subtask that no barrier reaches gets here;
 * forgetting the oldest costs at most a snapshot that the coordinator discards.
 */
export const ABORTED_KEPT_MAX = 64;

const UNBLOCK_ALL = { kind: "unblock-all" } as const;
const NONE_BLOCKED: ReadonlySet<ChannelIndex> = new Set();

/** @param channelCount inputs of the gate; 0 for a source */
export function createAligner(channelCount: number): Aligner {
  assertWithin("channel count", channelCount, 0, Number.MAX_SAFE_INTEGER);
  return {
    channelCount,
    latest: asCheckpointId(0),
    aligning: false,
    blocked: NONE_BLOCKED,
    ended: new Set(),
    aborted: [],
  };
}

export function onBarrier(state: Aligner, barrier: Barrier): AlignerStep {
  const { channel, checkpointId } = barrier;
  assertOpen(state, channel);
  assertWithin("checkpoint id", checkpointId, 1, Number.MAX_SAFE_INTEGER);
  if (isOver(state, checkpointId)) return ignore(state, "obsolete-barrier");

  const effects: AlignerEffect[] = [];
  const joined = giveUpOlder(state, checkpointId, effects);
  if (joined.aborted.includes(checkpointId)) {
    effects.push({ kind: "forward-cancel", checkpointId });
    return { state: advance(joined, checkpointId), effects };
  }
  const ended = joined.ended.has(channel);
  const blocked = ended ? joined.blocked : new Set(joined.blocked).add(channel);
  const aligned: Aligner = { ...advance(joined, checkpointId), aligning: true, blocked };
  if (isAligned(aligned)) return { state: finish(aligned, effects), effects };
  if (!ended) effects.push({ kind: "block", channel });
  return { state: aligned, effects };
}

/** The coordinator asks a source for a snapshot. Repeated and overtaken requests are ignored. */
export function onTrigger(state: Aligner, checkpointId: CheckpointId): AlignerStep {
  assert(state.channelCount === 0, () => `trigger ${checkpointId} of a gate, which has barriers`);
  assertWithin("checkpoint id", checkpointId, 1, Number.MAX_SAFE_INTEGER);
  if (isOver(state, checkpointId)) return ignore(state, "obsolete-barrier");
  const kind = state.aborted.includes(checkpointId) ? "forward-cancel" : "snapshot";
  return { state: advance(state, checkpointId), effects: [{ kind, checkpointId }] };
}

/** A marker in the stream: the sender takes no snapshot for this id, and sends no barrier of it. */
export function onCancelBarrier(state: Aligner, barrier: Barrier): AlignerStep {
  const { channel, checkpointId } = barrier;
  assertOpen(state, channel);
  assertWithin("checkpoint id", checkpointId, 1, Number.MAX_SAFE_INTEGER);
  if (isOver(state, checkpointId)) return ignore(state, "obsolete-cancel");

  const effects: AlignerEffect[] = [];
  const joined = giveUpOlder(state, checkpointId, effects);
  if (joined.aligning) return { state: giveUp(joined, effects), effects };
  effects.push({ kind: "forward-cancel", checkpointId });
  return { state: advance(joined, checkpointId), effects };
}

/** The job manager has aborted this id; such a message may be lost, doubled or late (C32). */
export function onAbort(state: Aligner, checkpointId: CheckpointId): AlignerStep {
  assertWithin("checkpoint id", checkpointId, 1, Number.MAX_SAFE_INTEGER);
  if (isOver(state, checkpointId) || state.aborted.includes(checkpointId)) {
    return ignore(state, "obsolete-abort");
  }
  if (checkpointId === state.latest) {
    const effects: AlignerEffect[] = [];
    return { state: giveUp(state, effects), effects };
  }
  const all = [...state.aborted, checkpointId].sort((a, b) => a - b);
  const aborted = all.slice(-ABORTED_KEPT_MAX);
  return {
    state: { ...state, aborted },
    effects: [{ kind: "ignore", why: "remembered-abort" }],
  };
}

/**
 * No record follows on this channel. It counts as having delivered the barrier now awaited (C4).
 */
export function onEndOfInput(state: Aligner, channel: ChannelIndex): AlignerStep {
  assertOpen(state, channel);
  assert(!state.ended.has(channel), () => `BA5 channel ${channel} ended twice`);
  const next: Aligner = { ...state, ended: new Set(state.ended).add(channel) };
  const effects: AlignerEffect[] = [];
  if (next.aligning && isAligned(next)) return { state: finish(next, effects), effects };
  return { state: next, effects };
}

function assertOpen(state: Aligner, channel: ChannelIndex): void {
  assertWithin("channel", channel, 0, state.channelCount - 1);
  assert(
    !state.blocked.has(channel),
    () => `BA1 channel ${channel} is blocked for checkpoint ${state.latest}, yet it delivered`,
  );
}

/** BA2: a channel that lags still carries markers of ids that are done, given up or overtaken. */
const isOver = (state: Aligner, id: CheckpointId): boolean =>
  state.aligning ? id < state.latest : id <= state.latest;

/** The two sets are disjoint (BA5), so counting is enough. */
const isAligned = (state: Aligner): boolean =>
  state.blocked.size + state.ended.size === state.channelCount;

/** C5: what a newer id overtakes is given up whole; channels of two ids never mix. */
function giveUpOlder(state: Aligner, newer: CheckpointId, effects: AlignerEffect[]): Aligner {
  if (!state.aligning || newer <= state.latest) return state;
  effects.push({ kind: "decline", checkpointId: state.latest });
  return giveUp(state, effects);
}

function giveUp(state: Aligner, effects: AlignerEffect[]): Aligner {
  const checkpointId = state.latest;
  assert(state.aligning, () => `BA3 checkpoint ${checkpointId} is given up, but not aligning`);
  effects.push({ kind: "abandon", checkpointId }, { kind: "forward-cancel", checkpointId });
  if (state.blocked.size > 0) effects.push(UNBLOCK_ALL);
  return { ...state, aligning: false, blocked: NONE_BLOCKED };
}

function finish(state: Aligner, effects: AlignerEffect[]): Aligner {
  const checkpointId = state.latest;
  assert(state.aligning, () => `BA3 checkpoint ${checkpointId} is aligned, but was not aligning`);
  effects.push({ kind: "snapshot", checkpointId }, UNBLOCK_ALL);
  return { ...state, aligning: false, blocked: NONE_BLOCKED };
}

/** Makes `checkpointId` the newest, and forgets aborts of what is thereby over. */
function advance(state: Aligner, checkpointId: CheckpointId): Aligner {
  assert(
    checkpointId >= state.latest,
    () => `BA2 checkpoint ${checkpointId} after ${state.latest}: ids acted upon never decrease`,
  );
  const { aborted } = state;
  const kept = aborted.length === 0 ? aborted : aborted.filter((id) => id > checkpointId);
  return { ...state, latest: checkpointId, aborted: kept };
}

const ignore = (
  state: Aligner,
  why: "obsolete-barrier" | "obsolete-cancel" | "obsolete-abort",
): AlignerStep => ({ state, effects: [{ kind: "ignore", why }] });
