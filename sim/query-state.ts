/**
 * State in a history: what a key held in a checkpoint of a run that is over.
 *
 * A recorded run remembers every object that was ever stored, so that a checkpoint can be looked into
 * long after its files were deleted: which key had counted how far when that crash came.
 *
 * Not here: how stored state is read (`src/state/state-reader.ts`).
 */
import {
  asCheckpointId,
  createKeyCodec,
  decodeCheckpoint,
  decodeSubtaskSnapshot,
  listStates,
  metadataErrorText,
  metadataPath,
  readKeyedState,
  type AnyStateDescriptor,
  type CompletedCheckpoint,
  type KeyGroupSnapshot,
  type StoredState,
  type TypeSerializer,
} from "../src/index.ts";
import type { RunOutcome } from "./run.ts";

/** What was asked for is not there: no such checkpoint, no such operator, or a run without a record. */
export class QueryError extends Error {
  override readonly name = "QueryError";
}

export type StateOfOperator = Readonly<{
  /** Its number; or the newest that completed. */
  checkpointId: number | "latest";
  uid: string;
}>;

export type StateQuery = StateOfOperator &
  Readonly<{ descriptor: AnyStateDescriptor; key: unknown }>;

/**
 * What the key held: a value, the elements of a list, the pairs of a map; undefined for nothing.
 *
 * @throws QueryError saying what there is instead
 * @throws StateIncompatibleError when the descriptor does not fit what was stored
 */
export function queryState(run: RunOutcome, query: StateQuery): unknown {
  const { descriptor, key } = query;
  const keyType = keyTypeOf(run, query.uid);
  const { identity } = createKeyCodec(keyType);
  const wanted = identity(key);
  const entries = readKeyedState(keyGroupsOf(run, query), { keyType, states: [descriptor] });
  return entries.find((entry) => identity(entry.key) === wanted)?.value;
}

/** Which states the operator had stored, and how much of each. */
export const queryStates = (run: RunOutcome, of: StateOfOperator): readonly StoredState[] =>
  listStates(keyGroupsOf(run, of));

/** Checkpoints that completed, in order. */
export const completedCheckpoints = ({ history }: RunOutcome): readonly number[] => {
  const ids = new Set<number>();
  for (const note of history.notes) {
    if (note.kind === "checkpoint-completed") ids.add(note.checkpointId);
  }
  return [...ids].sort((a, b) => a - b);
};

function keyTypeOf({ history }: RunOutcome, uid: string): TypeSerializer<unknown> {
  const { nodes } = history.job;
  const node = nodes.find((other) => other.uid === uid);
  if (node !== undefined && "keyType" in node.logic) return node.logic.keyType;
  const keyed = nodes.filter(({ logic }) => "keyType" in logic).map((other) => `"${other.uid}"`);
  const what = node === undefined ? "no operator" : "no keyed state in the operator";
  throw new QueryError(`there is ${what} "${uid}"; keyed are: ${keyed.join(", ") || "none"}`);
}

function keyGroupsOf(run: RunOutcome, of: StateOfOperator): readonly KeyGroupSnapshot[] {
  const groups: KeyGroupSnapshot[] = [];
  for (const { operators, subtasks } of checkpointOf(run, of).vertices) {
    if (!operators.some((uid) => uid === of.uid)) continue;
    for (const { stored } of subtasks) {
      const { handle } = stored;
      const snapshot = decodeSubtaskSnapshot(objectAt(run, handle.path), handle.path, handle);
      if (!snapshot.ok) throw new QueryError(snapshot.error.message);
      for (const { uid, keyed } of snapshot.value.operators) {
        if (uid === of.uid) groups.push(...keyed);
      }
    }
  }
  return groups;
}

function checkpointOf(run: RunOutcome, { checkpointId }: StateOfOperator): CompletedCheckpoint {
  const ids = completedCheckpoints(run);
  const id = checkpointId === "latest" ? ids.at(-1) : checkpointId;
  if (id === undefined || !ids.includes(id)) {
    throw new QueryError(
      `checkpoint ${checkpointId} did not complete in this run; completed: ${ids.join(", ") || "none"}`,
    );
  }
  const path = metadataPath(run.history.job.name, asCheckpointId(id));
  const checkpoint = decodeCheckpoint(path, objectAt(run, path));
  if (checkpoint.ok) return checkpoint.value;
  throw new QueryError(metadataErrorText(checkpoint.error));
}

function objectAt({ objects }: RunOutcome, path: string): Uint8Array {
  const bytes = objects?.get(path);
  if (bytes !== undefined) return bytes;
  if (objects === undefined) {
    throw new QueryError("only a recorded run keeps what it stored; run it with `record: true`");
  }
  throw new QueryError(`nothing was ever stored at ${path}`);
}
