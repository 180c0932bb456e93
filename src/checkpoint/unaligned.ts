/**
 * Lets the barriers of one checkpoint overtake the records on the input channels of one subtask, or
 * begins aligned and lets them overtake when that takes too long.
 *
 * Where barriers overtake, the snapshot is taken at the first of them, and holds what they overtook: of
 * each channel all that has been received and not read in front of its barrier, and what still arrives
 * until that barrier does.
 *
 *   flowing --first barrier arrives--> aligning --ready--> flowing      snapshot; all barriers are there
 *                                         |     \-ready--> gathering    snapshot; some are not
 *                                         \--cancel, abort, newer id--> given up
 *   gathering --last barrier or end arrives--> flowing                  the snapshot has all it needs
 *             \--cancel, abort, newer id-----> given up
 *
 * Ready is a checkpoint that is *urgent* (unaligned, or aligned and timed out) once the channels that
 * always align (forward, rescale, broadcast: C19) have been read up to their barriers; any other once all
 * channels have. Until then everyone aligns: a channel is read up to its barrier and then stands still.
 * So where some channels always align, the others wait for these, and go into the snapshot with what was
 * not read of them by then; where none does, the snapshot is taken as the first barrier arrives (C16).
 *
 * UA1  A blocked channel delivers nothing, and only while aligning is a channel blocked.
 * UA2  The checkpoint ids acted upon never decrease, and each gets one snapshot at most.
 * UA3  What begins to be gathered for an id ends once: with its barrier, its end, or by being given up.
 * UA4  For one id the outputs carry a barrier or a cancellation, never both.
 * UA5  No channel that always aligns is ever gathered.
 * UA6  A channel that was read up to a barrier which overtook there is gathered as well: the barrier may
 *      stand in the middle of a record, whose head has been read and whose rest is with the sender.
 *
 * Of a barrier two things are told: that it has arrived at the gate, and that it has been read, when all
 * in front of it has been. What was read after the snapshot is news of something that is over.
 *
 * Source: in Flink, SingleCheckpointBarrierHandler and ChannelStateWriter. We differ: there a gate with
 * some channels that always align turns them one by one; a barrier needs no announcement, as whoever
 * holds the gate sees it arrive.
 * Not here: barrier-aligner.ts (jobs whose barriers never overtake), who holds the bytes
 * (runtime/in-flight-data.ts), the sender's half (runtime/output-channel.ts).
 */
import { assert, assertWithin } from "../core/assert.ts";
import {
  asChannelIndex,
  asCheckpointId,
  type ChannelIndex,
  type CheckpointId,
} from "../core/ids.ts";
import type { Step } from "../core/machine.ts";

export type Overtaking = Readonly<{
  /** By channel: whether barriers may overtake on it. Empty for a source. */
  overtakable: readonly boolean[];
  /** The newest id acted upon, 0 before the first. */
  latest: CheckpointId;
  phase: "flowing" | "aligning" | "gathering";
  /** Of what is aligning: it waits for no more than it must. */
  urgent: boolean;
  /** Their barrier of `latest` is at the gate or has been read. */
  arrived: ReadonlySet<ChannelIndex>;
  /** Read up to that barrier, and standing still. */
  blocked: ReadonlySet<ChannelIndex>;
  /** In the snapshot of `latest`, as far as they have arrived: some of them is still to come. */
  open: ReadonlySet<ChannelIndex>;
  /** All of their input has arrived. */
  ended: ReadonlySet<ChannelIndex>;
  /** All of their input has been read. */
  drained: ReadonlySet<ChannelIndex>;
  /** Aborted before any barrier of theirs came; ascending, all above `latest`. */
  aborted: readonly CheckpointId[];
}>;

/** How much haste a barrier has: aligned for good, aligned until it times out, none of it at all. */
export type Haste = "patient" | "limited" | "urgent";
export type ArrivedBarrier = Readonly<{
  channel: ChannelIndex;
  checkpointId: CheckpointId;
  haste: Haste;
}>;

export type OvertakingEffect = Readonly<
  | { kind: "block"; channel: ChannelIndex }
  | { kind: "unblock-all" }
  /** The barrier to every output, ahead of what waits there if it is urgent, then the snapshot. */
  | { kind: "snapshot"; checkpointId: CheckpointId; urgent: boolean }
  /** Of the snapshot that follows: what is not handled in front of the barrier, which may not be there. */
  | { kind: "gather"; channel: ChannelIndex; checkpointId: CheckpointId; complete: boolean }
  | { kind: "gathered"; channel: ChannelIndex; checkpointId: CheckpointId }
  /** Before the snapshot: it is not taken. After it: what was gathered is not to be stored (C22). */
  | { kind: "abandon"; checkpointId: CheckpointId; gathering: boolean }
  | { kind: "forward-cancel"; checkpointId: CheckpointId }
  | { kind: "await-timeout"; checkpointId: CheckpointId }
  | { kind: "ignore"; why: "obsolete" | "not-yet" | "remembered-abort" }
>;
export type OvertakingStep = Step<Overtaking, OvertakingEffect>;

/** As in `barrier-aligner.ts`. */
const ABORTED_KEPT_MAX = 64;
const NONE: ReadonlySet<ChannelIndex> = new Set();

/** @param overtakable one for each input channel; none for a source */
export function createOvertaking(overtakable: readonly boolean[]): Overtaking {
  return {
    overtakable,
    latest: asCheckpointId(0),
    phase: "flowing",
    urgent: false,
    arrived: NONE,
    blocked: NONE,
    open: NONE,
    ended: NONE,
    drained: NONE,
    aborted: [],
  };
}

/** A barrier has reached the gate. What stands in front of it may not have been read. */
export function barrierArrived(state: Overtaking, barrier: ArrivedBarrier): OvertakingStep {
  const { channel, checkpointId, haste } = barrier;
  assertChannel(state, channel);
  if (isOver(state, checkpointId)) return ignore(state, "obsolete");
  if (state.phase === "gathering" && checkpointId === state.latest) {
    return close(state, channel);
  }
  if (checkpointId > state.latest && haste === "patient") return ignore(state, "not-yet");
  return join(state, barrier, []);
}

/** A barrier has come up: everything in front of it has been read. */
export function barrierRead(state: Overtaking, barrier: ArrivedBarrier): OvertakingStep {
  const { channel, checkpointId } = barrier;
  assertChannel(state, channel);
  assert(!state.blocked.has(channel), () => `UA1 channel ${channel} is blocked, yet it delivered`);
  const gathering = state.phase === "gathering" && checkpointId === state.latest;
  if (isOver(state, checkpointId) || gathering) return ignore(state, "obsolete");
  return join(state, barrier, [channel]);
}

/** @param read the channel, if it has been read up to this barrier */
function join(
  state: Overtaking,
  { channel, checkpointId, haste }: ArrivedBarrier,
  read: readonly ChannelIndex[],
): OvertakingStep {
  const effects: OvertakingEffect[] = [];
  const started = start(state, checkpointId, effects);
  if (started.phase === "flowing") {
    effects.push({ kind: "forward-cancel", checkpointId });
    return { state: started, effects };
  }
  if (state.latest !== checkpointId && haste === "limited") {
    effects.push({ kind: "await-timeout", checkpointId });
  }
  const blocked = new Set(started.blocked);
  for (const one of read) {
    if (started.drained.has(one)) continue;
    blocked.add(one);
    effects.push({ kind: "block", channel: one });
  }
  const arrived = new Set(started.arrived).add(channel);
  const urgent = started.urgent || haste === "urgent";
  return settle({ ...started, arrived, blocked, urgent }, effects);
}

/** The coordinator asks a source for a snapshot. Repeated and overtaken requests are ignored. */
export function overtakingTrigger(
  state: Overtaking,
  checkpointId: CheckpointId,
  haste: Haste,
): OvertakingStep {
  const { length } = state.overtakable;
  assert(length === 0, () => `trigger ${checkpointId} of a gate, which has barriers`);
  if (isOver(state, checkpointId)) return ignore(state, "obsolete");
  const effects: OvertakingEffect[] = [];
  const started = start(state, checkpointId, effects);
  if (started.phase === "flowing") {
    effects.push({ kind: "forward-cancel", checkpointId });
    return { state: started, effects };
  }
  return settle({ ...started, urgent: haste === "urgent" }, effects);
}

/** An aligned checkpoint has become too old to go on waiting (C20). */
export function overtakingTimedOut(state: Overtaking, checkpointId: CheckpointId): OvertakingStep {
  if (state.phase !== "aligning" || checkpointId !== state.latest) return ignore(state, "obsolete");
  return settle({ ...state, urgent: true }, []);
}

/** A marker in the stream: the sender takes no snapshot for this id, and sends no barrier of it. */
export function cancelRead(
  state: Overtaking,
  { channel, checkpointId }: Omit<ArrivedBarrier, "haste">,
): OvertakingStep {
  assertChannel(state, channel);
  if (isOver(state, checkpointId)) return ignore(state, "obsolete");
  const effects: OvertakingEffect[] = [];
  const idle = state.phase === "flowing" ? state : giveUp(state, effects);
  if (checkpointId > state.latest) {
    effects.push({ kind: "forward-cancel", checkpointId });
    return { state: advance(idle, checkpointId), effects };
  }
  return { state: idle, effects };
}

/** The job manager has aborted this id; such a message may be lost, doubled or late (C32). */
export function overtakingAbort(state: Overtaking, checkpointId: CheckpointId): OvertakingStep {
  assertWithin("checkpoint id", checkpointId, 1, Number.MAX_SAFE_INTEGER);
  if (isOver(state, checkpointId) || state.aborted.includes(checkpointId)) {
    return ignore(state, "obsolete");
  }
  if (checkpointId === state.latest) {
    const effects: OvertakingEffect[] = [];
    return { state: giveUp(state, effects), effects };
  }
  const all = [...state.aborted, checkpointId].sort((a, b) => a - b);
  return {
    state: { ...state, aborted: all.slice(-ABORTED_KEPT_MAX) },
    effects: [{ kind: "ignore", why: "remembered-abort" }],
  };
}

/** No record will arrive on this channel any more: what is gathered of it is complete (C4). */
export function endArrived(state: Overtaking, channel: ChannelIndex): OvertakingStep {
  assertChannel(state, channel);
  assert(!state.ended.has(channel), () => `channel ${channel} ended twice`);
  const next: Overtaking = { ...state, ended: new Set(state.ended).add(channel) };
  return close(next, channel);
}

/** All of this channel has been read: it counts as having delivered the barrier now awaited (C4). */
export function endRead(state: Overtaking, channel: ChannelIndex): OvertakingStep {
  assertChannel(state, channel);
  assert(!state.drained.has(channel), () => `channel ${channel} was drained twice`);
  const drained = new Set(state.drained).add(channel);
  const next: Overtaking = { ...state, drained };
  return next.phase === "aligning" ? settle(next, []) : { state: next, effects: [] };
}

function assertChannel(state: Overtaking, channel: ChannelIndex): void {
  assertWithin("channel", channel, 0, state.overtakable.length - 1);
}

const isOver = (state: Overtaking, id: CheckpointId): boolean =>
  state.phase === "flowing" ? id <= state.latest : id < state.latest;

/** Flowing: the id was aborted before it began, and is over. */
function start(
  state: Overtaking,
  checkpointId: CheckpointId,
  effects: OvertakingEffect[],
): Overtaking {
  if (state.phase !== "flowing") {
    if (checkpointId === state.latest) return state;
    return start(giveUp(state, effects), checkpointId, effects); // C5: ids never mix
  }
  const aborted = state.aborted.includes(checkpointId);
  const next = advance(state, checkpointId);
  if (aborted) return next;
  return { ...next, phase: "aligning", urgent: false, arrived: NONE, blocked: NONE };
}

function settle(state: Overtaking, effects: OvertakingEffect[]): OvertakingStep {
  const { overtakable, blocked, drained, urgent, latest: checkpointId } = state;
  const rest: ChannelIndex[] = [];
  const torn: ChannelIndex[] = [];
  for (let i = 0; i < overtakable.length; i++) {
    const channel = asChannelIndex(i);
    if (drained.has(channel)) continue;
    if (blocked.has(channel)) {
      if (urgent && overtakable[i]!) torn.push(channel);
      continue;
    }
    if (!urgent || !overtakable[i]!) return { state, effects };
    rest.push(channel);
  }
  const open = new Set<ChannelIndex>();
  for (const channel of torn)
    effects.push({ kind: "gather", channel, checkpointId, complete: true }); // UA6
  for (const channel of rest) {
    const complete = state.arrived.has(channel) || state.ended.has(channel);
    effects.push({ kind: "gather", channel, checkpointId, complete });
    if (!complete) open.add(channel);
  }
  effects.push({ kind: "snapshot", checkpointId, urgent });
  if (blocked.size > 0) effects.push({ kind: "unblock-all" });
  const phase = open.size > 0 ? "gathering" : "flowing";
  return { state: { ...state, phase, blocked: NONE, open }, effects };
}

/** What was awaited of `channel`, if anything was, has arrived. */
function close(state: Overtaking, channel: ChannelIndex): OvertakingStep {
  const { latest: checkpointId } = state;
  if (!state.open.has(channel)) return { state, effects: [] };
  assert(state.overtakable[channel] === true, () => `UA5 channel ${channel} was gathered`);
  const open = new Set(state.open);
  open.delete(channel);
  return {
    state: { ...state, open, phase: open.size > 0 ? "gathering" : "flowing" },
    effects: [{ kind: "gathered", channel, checkpointId }],
  };
}

function giveUp(state: Overtaking, effects: OvertakingEffect[]): Overtaking {
  const checkpointId = state.latest;
  const gathering = state.phase === "gathering";
  effects.push({ kind: "abandon", checkpointId, gathering });
  if (!gathering) effects.push({ kind: "forward-cancel", checkpointId }); // UA4
  if (state.blocked.size > 0) effects.push({ kind: "unblock-all" });
  return { ...state, phase: "flowing", blocked: NONE, open: NONE };
}

/** Makes `checkpointId` the newest, and forgets aborts of what is thereby over. */
function advance(state: Overtaking, checkpointId: CheckpointId): Overtaking {
  assert(
    checkpointId > state.latest,
    () => `UA2 checkpoint ${checkpointId} after ${state.latest}: ids acted upon never decrease`,
  );
  const aborted = state.aborted.filter((id) => id > checkpointId);
  return { ...state, latest: checkpointId, aborted };
}

const ignore = (state: Overtaking, why: "obsolete" | "not-yet" | "remembered-abort") =>
  ({ state, effects: [{ kind: "ignore", why }] }) satisfies OvertakingStep;
