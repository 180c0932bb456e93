/**
 * Exactly once into a table that knows epochs: the rows between two barriers enter it together, behind
 * the completion of the checkpoint that they are filed under, and the table remembers which was the last.
 *
 *   open --barrier n--> sealed, part of checkpoint n --some m >= n is complete--> put --confirmed--> gone
 *
 * The rows themselves are in the checkpoint, so nothing has to survive outside. After a restore the table
 * is asked which epoch it holds of each life of a writer whose rows came with the checkpoint; what it holds
 * is not put again. Only epochs of one life are compared: ids that another run of the job has put, however
 * high they are, say nothing about what was restored (C102).
 *
 * TE1  An epoch is put behind the completion of its checkpoint, or of a later one (C97).
 * TE2  Epochs of one life are put in order. A table keeps what is newer, so late requests of attempts
 *      that are over, and requests that come twice, change nothing (C98).
 * TE3  A checkpoint is acknowledged only when all that was restored is in the table: keys may have moved,
 *      and rows of their new owner must come later.
 * TE4  No input is taken before the table has numbered this life.
 *
 * Source: in Flink, GenericWriteAheadSink (rows in state), and sinks that look for their last commit in
 * the target. We differ from the latter: they compare with the highest id that was ever committed.
 * Not here: the rows (`epoch-table-sink.ts`), the table (`host/tables.ts`).
 */
import { assert, present, unreachable } from "../core/assert.ts";
import type { CheckpointId } from "../core/ids.ts";
import type { Step } from "../core/machine.ts";
import type { WriterLife } from "../host/tables.ts";
import {
  acknowledge,
  answered,
  ask,
  askedAgain,
  ignored,
  over,
  settle,
  timedOut,
  type Asking,
  type ProtocolEffect,
  type ProtocolEvent,
  type Settled,
} from "./sink-protocol.ts";

/** Rows that wait for their turn. */
export type SealedEpoch = Readonly<{ epoch: CheckpointId; rows: number }>;

/** What one subtask puts into a checkpoint, but for the rows: what may not be in the table yet. */
export type LifeEpochs = WriterLife &
  Readonly<{
    /** The checkpoint that this is part of. */
    checkpointId: number;
    /** In order. */
    sealed: readonly SealedEpoch[];
  }>;

/** Of the subtask itself, or of a life whose part of a checkpoint it was given. */
type Chain = WriterLife &
  Readonly<{
    /** The table was asked what it holds; of the subtask's own life that is known. */
    asked: boolean;
    sealed: readonly SealedEpoch[];
  }>;

export type EpochRequest = Readonly<
  | { kind: "begin"; writer: string }
  | { kind: "read"; life: WriterLife }
  | { kind: "put"; life: WriterLife; epoch: CheckpointId; rows: number }
>;

export type EpochsState = Asking<EpochRequest> &
  Readonly<{
    /** In order of their rows: restored ones first, the subtask's own last. */
    chains: readonly Chain[];
    openRows: number;
    /** All filed under this id or a lower one may be put; below 0: none. */
    completed: number;
    /** Epochs that came with the checkpoint, and are not in the table yet. */
    restored: number;
    unacknowledged: readonly CheckpointId[];
    unsettled: readonly CheckpointId[];
  }>;

/** "confirmed" is the answer to a "put". */
export type EpochsEvent =
  | ProtocolEvent
  | Readonly<
      | { kind: "rows"; count: number }
      | { kind: "completed"; checkpointId: CheckpointId }
      /** Of a "begin", and of a "read". */
      | { kind: "begun"; life: number }
      | { kind: "holds"; epoch: number }
      | { kind: "refused"; why: string }
    >;

export type EpochsEffect =
  | ProtocolEffect<EpochRequest>
  | Settled
  | Readonly<
      /** So many rows at the front are in the table, and need not be kept. */
      | { kind: "drop"; rows: number }
      | { kind: "put"; life: WriterLife; epoch: CheckpointId }
      | { kind: "fail"; why: string }
    >;
type EpochsStep = Step<EpochsState, EpochsEffect>;

const UNNUMBERED = 0;

/** @param given all that this subtask was given of the checkpoint; nothing for a job that starts afresh */
export function startEpochs(writer: string, given: readonly LifeEpochs[]): EpochsStep {
  const chains: Chain[] = given.map(({ writer: of, life, sealed }) => ({
    ...{ writer: of, life, sealed },
    asked: sealed.length === 0,
  }));
  const state: EpochsState = {
    phase: "running",
    chains: [...chains, { writer, life: UNNUMBERED, asked: true, sealed: [] }],
    openRows: 0,
    completed: Math.max(-1, ...given.map(({ checkpointId }) => checkpointId)),
    restored: chains.reduce((sum, { sealed }) => sum + sealed.length, 0),
    request: undefined,
    tries: 0,
    unacknowledged: [],
    unsettled: [],
  };
  return goOn(state, []);
}

/** The subtask's own part of a checkpoint, right after the barrier's event; undefined before TE4. */
export function lifeEpochs(
  { chains }: EpochsState,
  checkpointId: CheckpointId,
): LifeEpochs | undefined {
  const { writer, life, sealed } = ownOf(chains);
  return life === UNNUMBERED ? undefined : { writer, life, checkpointId, sealed };
}

/** TE4. */
export const hasBegun = ({ chains }: EpochsState): boolean => ownOf(chains).life !== UNNUMBERED;

const ownOf = (chains: readonly Chain[]): Chain =>
  present(chains.at(-1), () => "a sink without epochs of its own");

export function onEpochsEvent(state: EpochsState, event: EpochsEvent): EpochsStep {
  if (state.phase === "over") return ignored(state);
  switch (event.kind) {
    case "rows":
      assert(state.phase === "running", () => `${event.count} rows after finish`);
      assert(hasBegun(state), () => `TE4 ${event.count} rows of a life without a number`);
      return goOn({ ...state, openRows: state.openRows + event.count }, []);
    case "barrier": {
      const { checkpointId } = event;
      const unacknowledged = [...state.unacknowledged, checkpointId];
      return goOn({ ...sealed(state, checkpointId), unacknowledged }, []);
    }
    case "completed":
      return goOn(onCompleted(state, event.checkpointId), []);
    case "begun": {
      const own = { ...ownOf(state.chains), life: event.life };
      return goOn(answered({ ...state, chains: [...state.chains.slice(0, -1), own] }), []);
    }
    case "holds":
      return onHolds(state, event.epoch);
    case "confirmed":
      return onPut(state);
    case "timed-out":
      return timedOut(state);
    case "retry-due":
      return askedAgain(state);
    case "refused":
      return { state: over(state), effects: [{ kind: "fail", why: event.why }] };
    case "finish":
      return goOn({ ...state, phase: "finished" }, []);
    case "close":
      return { state: over(state), effects: [] };
    default:
      return unreachable(event);
  }
}

/** An epoch without rows leaves the table as it is, and needs no name. */
function sealed(state: EpochsState, checkpointId: CheckpointId): EpochsState {
  const { openRows: rows, chains } = state;
  if (rows === 0) return state;
  const own = ownOf(chains);
  const longer = { ...own, sealed: [...own.sealed, { epoch: checkpointId, rows }] };
  return { ...state, openRows: 0, chains: [...chains.slice(0, -1), longer] };
}

/** Id 0: the job takes no checkpoints and has finished, so its end is what commits. */
function onCompleted(state: EpochsState, checkpointId: CheckpointId): EpochsState {
  const atTheEnd = checkpointId === 0 && state.phase === "finished";
  const next = atTheEnd ? sealed(state, checkpointId) : state;
  return {
    ...next,
    completed: Math.max(state.completed, checkpointId),
    unsettled: [...state.unsettled, checkpointId],
  };
}

/** What the table holds of this life need not be put again. */
function onHolds(state: EpochsState, held: number): EpochsStep {
  const { request } = state;
  assert(request?.kind === "read", () => "an epoch that nobody asked for");
  let dropped: readonly SealedEpoch[] = [];
  const chains = state.chains.map((chain) => {
    if (!isOf(chain, request.life)) return chain;
    dropped = chain.sealed.filter(({ epoch }) => epoch <= held);
    return { ...chain, asked: true, sealed: chain.sealed.slice(dropped.length) };
  });
  const rows = dropped.reduce((sum, each) => sum + each.rows, 0);
  const restored = state.restored - dropped.length;
  const effects: EpochsEffect[] = rows === 0 ? [] : [{ kind: "drop", rows }];
  return goOn(answered({ ...state, chains, restored }), effects);
}

function onPut(state: EpochsState): EpochsStep {
  const { request } = state;
  assert(request?.kind === "put", () => "a confirmation without a put");
  const { life, epoch, rows } = request;
  const chains = state.chains.map((chain) =>
    isOf(chain, life) ? { ...chain, sealed: chain.sealed.slice(1) } : chain,
  );
  // Restored ones are put first.
  const restored = Math.max(0, state.restored - 1);
  return goOn(answered({ ...state, chains, restored }), [
    { kind: "drop", rows },
    { kind: "put", life, epoch },
  ]);
}

const isOf = (chain: Chain, { writer, life }: WriterLife): boolean =>
  chain.writer === writer && chain.life === life;

/** After every event: tell what has become true, and make the next request if none is under way. */
function goOn(state: EpochsState, effects: readonly EpochsEffect[]): EpochsStep {
  const acknowledged = acknowledge({ state, effects }, () => state.restored === 0); // TE3
  const settled = settle(acknowledged, (checkpointId) =>
    state.chains.every((chain) => !hasUpTo(chain, checkpointId)),
  );
  return ask(settled, nextRequest);
}

const hasUpTo = ({ sealed: waiting }: Chain, checkpointId: number): boolean =>
  waiting.some(({ epoch }) => epoch <= checkpointId);

/** The rows of a chain lie behind those of the chains before it: one after the other. */
function nextRequest({ chains, completed }: EpochsState): EpochRequest | undefined {
  const own = ownOf(chains);
  if (own.life === UNNUMBERED) return { kind: "begin", writer: own.writer }; // TE4
  for (const { writer, life, asked, sealed: waiting } of chains) {
    if (!asked) return { kind: "read", life: { writer, life } };
    const [next] = waiting;
    if (next === undefined) continue;
    if (next.epoch > completed) return undefined; // TE1
    return { kind: "put", life: { writer, life }, ...next }; // TE2
  }
  return undefined;
}
