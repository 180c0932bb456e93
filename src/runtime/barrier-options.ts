/** What a barrier says of its checkpoint, as bytes: in messages to sources, and on channels. */
import type { BarrierOptions } from "../core/element.ts";
import { asCheckpointId } from "../core/ids.ts";
import type { ByteReader } from "../core/bytes.ts";
import { types } from "../types/serializers.ts";

export const barrierOptions = types.record({
  purpose: types.literal("checkpoint", "savepoint"),
  form: types.literal("native", "canonical"),
  mode: types.literal("aligned", "unaligned", "at-least-once", "uncoordinated"),
  alignedTimeoutMs: types.double,
  /** An id may be any safe integer; a long holds less. */
  base: types.double,
  stop: types.literal("none", "suspend", "drain"),
});

/** @throws DecodeError when the bytes are no such options */
export function readBarrierOptions(input: ByteReader): BarrierOptions {
  const read = barrierOptions.read(input);
  return { ...read, base: asCheckpointId(read.base) };
}
