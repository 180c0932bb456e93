/**
 * The bytes of a split enumerator's share of a checkpoint. Equal snapshots have equal bytes, and what is
 * not in that form is refused.
 */
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";
import type { LogPosition } from "../host/services.ts";
import type { EnumeratorSnapshot } from "./split-enumerator.ts";

const VERSION = 1;
const FLAG_BEGUN = 1;
const FLAG_EXHAUSTED = 2;

export function encodeEnumerator(snapshot: EnumeratorSnapshot): Uint8Array {
  const { begun, exhausted, located, unassigned } = snapshot;
  const out = new ByteWriter(16);
  out.u8(VERSION);
  out.u8((begun ? FLAG_BEGUN : 0) | (exhausted ? FLAG_EXHAUSTED : 0));
  out.varint(located);
  out.varint(unassigned.length);
  for (const { partition, offset } of unassigned) {
    out.varint(partition);
    out.varint(offset);
  }
  return out.toBytes();
}

/** @throws DecodeError when the bytes are not of an enumerator, or not of this version */
export function decodeEnumerator(bytes: Uint8Array): EnumeratorSnapshot {
  const input = new ByteReader(bytes);
  const version = input.u8();
  if (version !== VERSION) throw new DecodeError(`enumerator state of version ${version}`, 0);
  const flags = input.u8();
  if (flags > (FLAG_BEGUN | FLAG_EXHAUSTED)) throw new DecodeError(`flags ${flags}`, 1);
  const located = input.varint();
  const count = input.varint();
  const unassigned: LogPosition[] = [];
  let above = -1;
  for (let i = 0; i < count; i++) {
    const at = input.position;
    const [partition, offset] = [input.varint(), input.varint()];
    if (partition <= above || partition >= located) {
      throw new DecodeError(`split ${partition} after ${above}, below ${located}`, at);
    }
    unassigned.push({ partition, offset });
    above = partition;
  }
  if (input.remaining > 0) {
    throw new DecodeError(
      `enumerator state with ${input.remaining} bytes too many`,
      input.position,
    );
  }
  const begun = (flags & FLAG_BEGUN) !== 0;
  return { begun, exhausted: (flags & FLAG_EXHAUSTED) !== 0, located, unassigned };
}
