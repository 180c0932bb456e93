/**
 * A transaction on its way from who wrote it to who commits it, and what both keep of it in a checkpoint.
 *
 * It is sent in front of the barrier it is filed under, before the ledger has heard of its last rows: the
 * writer acknowledges that barrier once it is pre-committed, so a checkpoint that completes makes good
 * what the committable says.
 */
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";
import type { TransactionId, TransactionPosition } from "../host/services.ts";
import { types } from "../types/serializers.ts";
import type { TypeSerializer } from "../types/type.ts";

/** `filedUnder`: the first checkpoint whose completion commits it. */
export type Committable = TransactionId & Readonly<{ filedUnder: number }>;

export const committableType: TypeSerializer<Committable> = types.record({
  producer: types.string,
  attempt: types.long,
  number: types.long,
  filedUnder: types.long,
});

/** The names of the operator states. */
export const WRITER_STATE = "writer";
export const COMMITTER_STATE = "committables";

const VERSION = 1;

/** What a writer keeps: all of `producer` up to `last` is in the hands of its committer. */
export type HandedOver = Readonly<{
  producer: string;
  /** The checkpoint that this is part of. */
  checkpointId: number;
  last: TransactionPosition;
}>;

/** What a committer keeps, as one element for each producer: they are committed in order. */
export type HeldCommittables = Readonly<{
  /** The checkpoint that this is part of. */
  checkpointId: number;
  /** Of one producer, in order of writing. */
  committables: readonly Committable[];
}>;

export function encodeHandedOver({ producer, checkpointId, last }: HandedOver): Uint8Array {
  const out = new ByteWriter();
  out.u8(VERSION);
  out.string(producer);
  out.varint(checkpointId);
  out.varint(last.attempt);
  out.varint(last.number);
  return out.toBytes();
}

/** @throws DecodeError when the bytes are not of a writer */
export const decodeHandedOver = (bytes: Uint8Array): HandedOver =>
  decode(bytes, "writer", (input) => ({
    producer: input.string(),
    checkpointId: input.varint(),
    last: { attempt: input.varint(), number: input.varint() },
  }));

export function encodeHeld({ checkpointId, committables }: HeldCommittables): Uint8Array {
  const out = new ByteWriter();
  out.u8(VERSION);
  out.varint(checkpointId);
  out.varint(committables.length);
  for (const committable of committables) committableType.write(committable, out);
  return out.toBytes();
}

/** @throws DecodeError when the bytes are not of a committer */
export const decodeHeld = (bytes: Uint8Array): HeldCommittables =>
  decode(bytes, "committer", (input) => ({
    checkpointId: input.varint(),
    committables: Array.from({ length: input.varint() }, () => committableType.read(input)),
  }));

function decode<T>(bytes: Uint8Array, of: string, read: (input: ByteReader) => T): T {
  const input = new ByteReader(bytes);
  const version = input.u8();
  if (version !== VERSION) throw new DecodeError(`${of} state of version ${version}`, 0);
  const value = read(input);
  if (input.remaining === 0) return value;
  throw new DecodeError(`${of} state with ${input.remaining} bytes too many`, input.position);
}
