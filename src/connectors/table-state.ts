/**
 * The bytes of an epoch sink's share of a checkpoint: one element of a state that is dealt out ("split")
 * per life of a writer, so that its epochs stay together and in order.
 */
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";
import { asCheckpointId } from "../core/ids.ts";
import type { RowBatch } from "../host/services.ts";
import type { KeyedRows } from "../host/tables.ts";
import type { LifeEpochs } from "./table-epochs.ts";

/** The name of the operator state. */
export const TABLE_STATE = "epochs";

const VERSION = 1;

/** `rows` are those of all epochs, in order. */
export type StoredEpochs = Readonly<{ epochs: LifeEpochs; rows: KeyedRows }>;

export function encodeEpochs({ epochs, rows }: StoredEpochs): Uint8Array {
  const out = new ByteWriter();
  out.u8(VERSION);
  out.string(epochs.writer);
  out.varint(epochs.life);
  out.varint(epochs.checkpointId);
  out.varint(epochs.sealed.length);
  for (const sealed of epochs.sealed) {
    out.varint(sealed.epoch);
    out.varint(sealed.rows);
  }
  writeBatch(rows.keys, out);
  writeBatch(rows.rows, out);
  return out.toBytes();
}

/** @throws DecodeError when the bytes are not of such a sink */
export function decodeEpochs(bytes: Uint8Array): StoredEpochs {
  const input = new ByteReader(bytes);
  const version = input.u8();
  if (version !== VERSION) throw new DecodeError(`table state of version ${version}`, 0);
  const epochs: LifeEpochs = {
    writer: input.string(),
    life: input.varint(),
    checkpointId: input.varint(),
    sealed: Array.from({ length: input.varint() }, () => ({
      epoch: asCheckpointId(input.varint()),
      rows: input.varint(),
    })),
  };
  const rows = { keys: readBatch(input), rows: readBatch(input) };
  const counted = epochs.sealed.reduce((sum, sealed) => sum + sealed.rows, 0);
  const fits = rows.keys.ends.length === counted && rows.rows.ends.length === counted;
  if (!fits) throw new DecodeError(`table state with other than ${counted} rows`, input.position);
  if (input.remaining === 0) return { epochs, rows };
  throw new DecodeError(`table state with ${input.remaining} bytes too many`, input.position);
}

function writeBatch({ bytes, ends }: RowBatch, out: ByteWriter): void {
  out.varint(ends.length);
  for (const end of ends) out.varint(end);
  out.blob(bytes);
}

function readBatch(input: ByteReader): RowBatch {
  const ends = Array.from({ length: input.varint() }, () => input.varint());
  return { ends, bytes: input.blob().slice() };
}
