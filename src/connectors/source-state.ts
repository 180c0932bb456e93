/**
 * The bytes of a log source's share of a checkpoint: one element of operator state for each split that
 * was ever given to the subtask, dealt out to subtasks as the restorer sees fit.
 */
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";
import type { OperatorSnapshot, OperatorStateSnapshot } from "../state/operator-snapshot.ts";

/** How far a partition has been read: records before `offset`, and `index` of those at it. */
export type SplitState = Readonly<{
  partition: number;
  offset: number;
  index: number;
  ended: boolean;
}>;

const STATE_NAME = "splits";
const VERSION = 1;

export function encodeSplit({ partition, offset, index, ended }: SplitState): Uint8Array {
  const out = new ByteWriter(16);
  out.u8(VERSION);
  out.varint(partition);
  out.varint(offset);
  out.varint(index);
  out.u8(ended ? 1 : 0);
  return out.toBytes();
}

/** @throws DecodeError when the bytes are not of a log source, or not of this version */
export function decodeSplit(bytes: Uint8Array): SplitState {
  const input = new ByteReader(bytes);
  const version = input.u8();
  if (version !== VERSION) throw new DecodeError(`source state of version ${version}`, 0);
  const [partition, offset, index] = [input.varint(), input.varint(), input.varint()];
  const ended = input.u8();
  if (ended > 1) throw new DecodeError(`source state with ended ${ended}`, input.position);
  if (input.remaining > 0) {
    throw new DecodeError(`source state with ${input.remaining} bytes too many`, input.position);
  }
  return { partition, offset, index, ended: ended === 1 };
}

export const splitsState = (splits: readonly SplitState[]): OperatorStateSnapshot => ({
  name: STATE_NAME,
  mode: "split",
  elements: splits.map(encodeSplit),
});

/** @throws DecodeError when there is other state than that of a log source */
export function restoredSplits(snapshots: readonly OperatorSnapshot[]): SplitState[] {
  return snapshots.flatMap(({ operatorState }) =>
    operatorState.flatMap(({ name, elements }) => {
      if (name !== STATE_NAME) throw new DecodeError(`a source with state "${name}"`, 0);
      return elements.map(decodeSplit);
    }),
  );
}
