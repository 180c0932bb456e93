/**
 * The bytes of a log source's share of a checkpoint: elements of operator list state, dealt out to
 * subtasks as the restorer sees fit.
 *
 * A split says how far one partition has been read. A claim says who reads the partitions that were
 * not there yet: all from `from` on whose number leaves `remainder` when divided by `modulo`. Every
 * partition that is or will be lies in exactly one element over all subtasks, so a restored subtask
 * without elements owns nothing, and takes nothing that another one owns (C104).
 */
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";

export type SourceElement = Readonly<
  | { kind: "split"; partition: number; offset: number; ended: boolean }
  | { kind: "claim"; from: number; modulo: number; remainder: number }
>;

/** The name of the operator state. */
export const SOURCE_STATE = "splits";

const TAG_SPLIT = 1;
const TAG_CLAIM = 2;

export function encodeElement(element: SourceElement): Uint8Array {
  const out = new ByteWriter(16);
  if (element.kind === "split") {
    out.u8(TAG_SPLIT);
    out.varint(element.partition);
    out.varint(element.offset);
    out.u8(element.ended ? 1 : 0);
  } else {
    out.u8(TAG_CLAIM);
    out.varint(element.from);
    out.varint(element.modulo);
    out.varint(element.remainder);
  }
  return out.toBytes();
}

/** @throws DecodeError when the bytes are not of a log source */
export function decodeElement(bytes: Uint8Array): SourceElement {
  const input = new ByteReader(bytes);
  const element = readElement(input);
  if (input.remaining > 0) {
    throw new DecodeError(`source state with ${input.remaining} bytes too many`, input.position);
  }
  return element;
}

function readElement(input: ByteReader): SourceElement {
  const tag = input.u8();
  if (tag === TAG_SPLIT) {
    const [partition, offset, ended] = [input.varint(), input.varint(), input.u8()];
    return { kind: "split", partition, offset, ended: ended === 1 };
  }
  if (tag !== TAG_CLAIM) throw new DecodeError(`source state with tag ${tag}`, 0);
  const [from, modulo, remainder] = [input.varint(), input.varint(), input.varint()];
  if (modulo === 0) throw new DecodeError("a claim modulo 0", input.position);
  return { kind: "claim", from, modulo, remainder };
}
