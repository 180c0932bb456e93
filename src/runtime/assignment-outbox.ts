/**
 * What the job manager still has to tell the readers of one source: their splits, numbered, until each
 * reader reports that it has them.
 *
 * A checkpoint cuts the enumerator where it is triggered, and a reader where it injects the barrier. In
 * between a split could be in both halves or in neither. So a trigger says how many assignments the
 * reader must have had before it injects the barrier, and an assignment made after the trigger says behind
 * which barrier it counts.
 *
 *   made --while a checkpoint is pending--> held back --that one is over--> free --reported--> gone
 *
 * OB1  Assignments of a reader are numbered from 1 in the order in which they were made; each is repeated
 *      until the reader reports that it has been applied (C106).
 * OB2  What was made before the trigger of a pending checkpoint is due before its barrier; what was made
 *      after it is held back until the barrier has passed or the checkpoint is over (C104). With several
 *      pending, the newest of those before it holds it back.
 *
 * Source: in Flink, SubtaskGatewayImpl, which closes its gates instead and can rely on ordered delivery.
 * Not here: the other half (`assignment-inbox.ts`), what is assigned (`../connectors/split-enumerator.ts`).
 */
import { assert, present } from "../core/assert.ts";
import { asCheckpointId, type CheckpointId } from "../core/ids.ts";
import type { SplitAssignment } from "../operators/operator.ts";

/** `after`: applied only behind the barrier of this checkpoint, unless that is over; 0: at once. */
export type NumberedAssignment = SplitAssignment &
  Readonly<{ number: number; after: CheckpointId }>;

type Reader = Readonly<{
  /** How many were ever made. */
  made: number;
  /** Those not yet reported as applied, ascending by number. */
  open: readonly NumberedAssignment[];
}>;

export type Outbox = Readonly<{
  /** By subtask. */
  readers: readonly Reader[];
  /** The checkpoints that are pending, ascending. */
  pending: readonly CheckpointId[];
  /** By subtask: how many had been made when the newest was triggered. */
  due: readonly number[];
}>;

const NONE = asCheckpointId(0);

export const createOutbox = (parallelism: number): Outbox => ({
  readers: Array.from({ length: parallelism }, () => ({ made: 0, open: [] })),
  pending: [],
  due: Array.from({ length: parallelism }, () => 0),
});

export function post(state: Outbox, subtask: number, assignment: SplitAssignment): Outbox {
  const { splits, noMore } = assignment;
  return withReader(state, subtask, ({ made, open }) => ({
    made: made + 1,
    open: [...open, { number: made + 1, after: state.pending.at(-1) ?? NONE, splits, noMore }],
  }));
}

/** From here on the enumerator's snapshot of this checkpoint stands. */
export function onTriggered(state: Outbox, checkpointId: CheckpointId): Outbox {
  const { pending, readers } = state;
  const newest = pending.at(-1) ?? NONE;
  assert(newest < checkpointId, () => `OB2 checkpoint ${checkpointId} after ${newest}`);
  return { ...state, pending: [...pending, checkpointId], due: readers.map(({ made }) => made) };
}

/** Completed, or it never will be. */
export function onCheckpointOver(state: Outbox, checkpointId: CheckpointId): Outbox {
  if (!state.pending.includes(checkpointId)) return state;
  const pending = state.pending.filter((id) => id !== checkpointId);
  const before = pending.findLast((id) => id < checkpointId) ?? NONE;
  const readers = state.readers.map(({ made, open }) => ({
    made,
    open: open.map((item) => (item.after === checkpointId ? { ...item, after: before } : item)),
  }));
  return { ...state, pending, readers };
}

/** @param applied how many the reader has applied, by its report; an overtaken one changes nothing */
export function onReported(state: Outbox, subtask: number, applied: number): Outbox {
  const { made, open } = readerOf(state, subtask);
  assert(applied <= made, () => `OB1 reader ${subtask} has applied ${applied} of ${made}`);
  if (open.every(({ number }) => number > applied)) return state;
  return withReader(state, subtask, () => ({
    made,
    open: open.filter(({ number }) => number > applied),
  }));
}

/** What to tell the reader, again or for the first time. */
export const openFor = (state: Outbox, subtask: number): readonly NumberedAssignment[] =>
  readerOf(state, subtask).open;

const readerOf = (state: Outbox, subtask: number): Reader =>
  present(state.readers[subtask], () => `no reader ${subtask} of ${state.readers.length}`);

function withReader(state: Outbox, subtask: number, change: (reader: Reader) => Reader): Outbox {
  const changed = change(readerOf(state, subtask));
  return { ...state, readers: state.readers.map((old, i) => (i === subtask ? changed : old)) };
}
