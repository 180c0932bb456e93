/**
 * Counts the barriers of checkpoints that hold no channel back.
 *
 * The snapshot is taken at the last barrier, and what a faster channel has delivered behind its own by
 * then is in it. So after a restore such records count twice: at least once is promised, no more. In
 * return no channel ever waits for another, and several checkpoints may be under way at a time.
 *
 *   unknown --first barrier--> pending --last barrier or end--> over   snapshot; lower ids are dropped
 *                                 \-----cancellation----------> over   lower ids are dropped as well
 *                                 \-----abort-----------------> over   it alone
 *
 * BC1  Nothing is ever blocked (C10).
 * BC2  Ids are snapshotted in ascending order, each once at most (C11).
 * BC3  For one id the outputs carry a barrier or a cancellation, never both.
 *
 * Source: in Flink, CheckpointBarrierTracker. We differ: what is dropped is cancelled downstream, so
 * that nobody there counts on in vain.
 * Not here: barrier-aligner.ts (exactly once), who takes the snapshot (runtime/machine-handler.ts).
 */
import { assert, assertWithin } from "../core/assert.ts";
import { asCheckpointId, type ChannelIndex, type CheckpointId } from "../core/ids.ts";
import type { Step } from "../core/machine.ts";
import type { Barrier } from "./barrier-aligner.ts";

export type PendingBarrier = Readonly<{ id: CheckpointId; delivered: ReadonlySet<ChannelIndex> }>;

export type BarrierCount = Readonly<{
  channelCount: number;
  /** The newest id that is over, 0 before the first; so is all below it. */
  latest: CheckpointId;
  /** Ascending, all above `latest`. */
  pending: readonly PendingBarrier[];
  ended: ReadonlySet<ChannelIndex>;
  /** Ascending, all above `latest`, none pending. */
  aborted: readonly CheckpointId[];
}>;

export type CountEffect = Readonly<
  | { kind: "snapshot" | "abandon" | "forward-cancel"; checkpointId: CheckpointId }
  /** The job manager does not know yet that there will be no snapshot. */
  | { kind: "decline"; checkpointId: CheckpointId }
  | { kind: "ignore"; why: "obsolete" | "remembered-abort" }
>;
export type CountStep = Step<BarrierCount, CountEffect>;

/** Aborts and pending ids kept; the oldest goes first. Job managers keep far fewer under way. */
export const PENDING_KEPT_MAX = 64;

/** @param channelCount inputs of the gate; 0 for a source */
export function createCount(channelCount: number): BarrierCount {
  assertWithin("channel count", channelCount, 0, Number.MAX_SAFE_INTEGER);
  return { channelCount, latest: asCheckpointId(0), pending: [], ended: new Set(), aborted: [] };
}

export function countBarrier(state: BarrierCount, { channel, checkpointId }: Barrier): CountStep {
  assertChannel(state, channel);
  assertWithin("checkpoint id", checkpointId, 1, Number.MAX_SAFE_INTEGER);
  if (checkpointId <= state.latest) return ignore(state, "obsolete");
  if (state.aborted.includes(checkpointId)) return cancelled(state, checkpointId);
  const before = state.pending.find(({ id }) => id === checkpointId);
  const delivered = new Set(before?.delivered).add(channel);
  const others = state.pending.filter(({ id }) => id !== checkpointId);
  const pending = [...others, { id: checkpointId, delivered }].sort((a, b) => a.id - b.id);
  const counted = { ...state, pending };
  if (isComplete(counted, delivered)) return completed(counted, checkpointId);
  if (pending.length <= PENDING_KEPT_MAX) return { state: counted, effects: [] };
  const oldest = pending[0]!.id;
  const { state: next, effects } = cancelled(counted, oldest);
  return { state: next, effects: [{ kind: "decline", checkpointId: oldest }, ...effects] };
}

/** The coordinator asks a source for a snapshot. Repeated and overtaken requests are ignored. */
export function countTrigger(state: BarrierCount, checkpointId: CheckpointId): CountStep {
  assert(state.channelCount === 0, () => `trigger ${checkpointId} of a gate, which has barriers`);
  assertWithin("checkpoint id", checkpointId, 1, Number.MAX_SAFE_INTEGER);
  if (checkpointId <= state.latest) return ignore(state, "obsolete");
  if (state.aborted.includes(checkpointId)) return cancelled(state, checkpointId);
  return completed(state, checkpointId);
}

/** A marker in the stream: the sender takes no snapshot for this id. */
export function countCancel(state: BarrierCount, { channel, checkpointId }: Barrier): CountStep {
  assertChannel(state, channel);
  return checkpointId <= state.latest ? ignore(state, "obsolete") : cancelled(state, checkpointId);
}

/** The job manager has aborted this id; such a message may be lost, doubled or late (C32). */
export function countAbort(state: BarrierCount, checkpointId: CheckpointId): CountStep {
  assertWithin("checkpoint id", checkpointId, 1, Number.MAX_SAFE_INTEGER);
  if (checkpointId <= state.latest || state.aborted.includes(checkpointId)) {
    return ignore(state, "obsolete");
  }
  const aborted = [...state.aborted, checkpointId].sort((a, b) => a - b).slice(-PENDING_KEPT_MAX);
  const pending = state.pending.filter(({ id }) => id !== checkpointId);
  if (pending.length === state.pending.length) {
    return {
      state: { ...state, aborted },
      effects: [{ kind: "ignore", why: "remembered-abort" }],
    };
  }
  // Its other barriers are still to come, and find it aborted: that is when downstream is told.
  return { state: { ...state, pending, aborted }, effects: [{ kind: "abandon", checkpointId }] };
}

/** No record follows on this channel; it counts as having delivered whatever is pending (C4). */
export function countEnd(state: BarrierCount, channel: ChannelIndex): CountStep {
  assertChannel(state, channel);
  assert(!state.ended.has(channel), () => `channel ${channel} ended twice`);
  let next: BarrierCount = { ...state, ended: new Set(state.ended).add(channel) };
  const effects: CountEffect[] = [];
  for (const { id, delivered } of state.pending) {
    if (!isComplete(next, delivered)) continue;
    const step = completed(next, id);
    next = step.state;
    effects.push(...step.effects);
  }
  return { state: next, effects };
}

function assertChannel(state: BarrierCount, channel: ChannelIndex): void {
  assertWithin("channel", channel, 0, state.channelCount - 1);
}

function isComplete(state: BarrierCount, delivered: ReadonlySet<ChannelIndex>): boolean {
  let count = state.ended.size;
  for (const channel of delivered) if (!state.ended.has(channel)) count++;
  return count === state.channelCount;
}

function completed(state: BarrierCount, checkpointId: CheckpointId): CountStep {
  const effects = dropLower(state, checkpointId);
  effects.push({ kind: "snapshot", checkpointId });
  return { state: advance(state, checkpointId), effects };
}

function cancelled(state: BarrierCount, checkpointId: CheckpointId): CountStep {
  const effects = dropLower(state, checkpointId);
  if (state.pending.some(({ id }) => id === checkpointId)) {
    effects.push({ kind: "abandon", checkpointId });
  }
  effects.push({ kind: "forward-cancel", checkpointId });
  return { state: advance(state, checkpointId), effects };
}

function dropLower(state: BarrierCount, checkpointId: CheckpointId): CountEffect[] {
  return state.pending.flatMap(({ id }): CountEffect[] =>
    id < checkpointId
      ? [
          { kind: "decline", checkpointId: id },
          { kind: "abandon", checkpointId: id },
          { kind: "forward-cancel", checkpointId: id },
        ]
      : [],
  );
}

function advance(state: BarrierCount, checkpointId: CheckpointId): BarrierCount {
  assert(
    checkpointId > state.latest,
    () => `BC2 checkpoint ${checkpointId} after ${state.latest}: ids must rise`,
  );
  return {
    ...state,
    latest: checkpointId,
    pending: state.pending.filter(({ id }) => id > checkpointId),
    aborted: state.aborted.filter((id) => id > checkpointId),
  };
}

const ignore = (state: BarrierCount, why: "obsolete" | "remembered-abort"): CountStep => ({
  state,
  effects: [{ kind: "ignore", why }],
});
