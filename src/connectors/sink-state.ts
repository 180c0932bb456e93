/**
 * The bytes of a sink's share of a checkpoint: one element of a state that is dealt out ("split") per
 * subtask.
 *
 * All transactions of a subtask are one element, empty or not, so that on rescaling they stay
 * together with the name of their producer: whoever gets the element fences that producer.
 */
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";
import { asCheckpointId } from "../core/ids.ts";
import type { FiledTransactions } from "./sink-transactions.ts";

/** The name of the operator state. */
export const SINK_STATE = "transactions";

const VERSION = 1;

export function encodeFiled({ producer, checkpointId, filed }: FiledTransactions): Uint8Array {
  const out = new ByteWriter();
  out.u8(VERSION);
  out.string(producer);
  out.varint(checkpointId);
  out.varint(filed.length);
  for (const { id, filedUnder } of filed) {
    out.string(id.producer);
    out.varint(id.attempt);
    out.varint(id.number);
    out.varint(filedUnder);
  }
  return out.toBytes();
}

/** @throws DecodeError when the bytes are not of a sink */
export function decodeFiled(bytes: Uint8Array): FiledTransactions {
  const input = new ByteReader(bytes);
  const version = input.u8();
  if (version !== VERSION) throw new DecodeError(`sink state of version ${version}`, 0);
  const producer = input.string();
  const checkpointId = asCheckpointId(input.varint());
  const filed = Array.from({ length: input.varint() }, () => ({
    id: { producer: input.string(), attempt: input.varint(), number: input.varint() },
    filedUnder: asCheckpointId(input.varint()),
  }));
  if (input.remaining > 0) {
    throw new DecodeError(`sink state with ${input.remaining} bytes too many`, input.position);
  }
  return { producer, checkpointId, filed };
}
