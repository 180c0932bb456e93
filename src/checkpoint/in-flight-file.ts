/**
 * The records that were under way when barriers overtook them, as one file for each subtask.
 *
 * A channel is persisted at both ends: the receiver has what had reached it and was not read, the sender
 * what the barrier overtook in its queue. One behind the other they are a stream of whole elements; each
 * part alone may begin or end in the middle of one.
 *
 *   offset  0  magic "MILLFLOW"
 *           8  format version           u32: 2 where channels say how far they had come, else 1
 *          12  length of the body       u32
 *          16  CRC-32 of the body       u32
 *          20  CRC-32 of bytes 0 to 19  u32
 *          24  body: channel by channel: which one, which end of it, its bytes
 *
 * NF1  Every change of one byte, and every truncation, is refused.
 * NF2  Equal content gives equal files.
 *
 * Not here: who gathers the bytes (`runtime/in-flight-data.ts`), and who gets them after a restore
 * (`runtime/in-flight-recovery.ts`).
 */
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";
import { crc32 } from "../core/checksum.ts";
import { asOperatorUid, type OperatorUid } from "../core/ids.ts";
import { err, ok, type Result } from "../core/result.ts";

/** One channel, named so that it is found again in a job that was planned anew. */
export type ChannelOrigin = Readonly<{
  /** The tail of the sending chain, and the head of the receiving one. */
  from: OperatorUid;
  to: OperatorUid;
  /** Of the receiver: 0 or 1. */
  input: number;
  /** The side output that it carries; empty: the main one. */
  tag: string;
  /** Among edges that are alike in all of this: 0 is the first. */
  twin: number;
  sender: number;
  receiver: number;
  /** How many subtasks there were at either end. */
  senders: number;
  receivers: number;
}>;

export type InFlightChannel = Readonly<{
  origin: ChannelOrigin;
  /** Whose part it is: the receiver's comes first. */
  end: "receiver" | "sender";
  /**
   * Where the sender keeps a log of its stream: how much of that the receiver has read, or where in it the
   * sender's part begins. 0, and never written, where barriers overtake.
   */
  at?: number;
  bytes: Uint8Array;
}>;

/** Of one subtask: what was under way to it, and from it. Channels with nothing are left out. */
export type InFlightFile = Readonly<{ channels: readonly InFlightChannel[] }>;

const MAGIC = "MILLFLOW";
const FORMAT_VERSION = 1;
/** Channels have an `at`. */
const LOGGED_VERSION = 2;
const LENGTH_AT = 12;
const BODY_CHECKSUM_AT = 16;
const HEADER_CHECKSUM_AT = 20;
const HEADER_LENGTH = 24;

export function encodeInFlightFile({ channels }: InFlightFile): Uint8Array {
  const body = new ByteWriter(1_024);
  const logged = channels.some(({ at = 0 }) => at > 0);
  body.varint(channels.length);
  for (const { origin, end, at = 0, bytes } of channels) {
    writeOrigin(origin, body);
    body.u8(end === "receiver" ? 0 : 1);
    if (logged) body.varint(at);
    body.blob(bytes);
  }
  const out = new ByteWriter(HEADER_LENGTH + body.length);
  for (let i = 0; i < MAGIC.length; i++) out.u8(MAGIC.charCodeAt(i));
  out.u32(logged ? LOGGED_VERSION : FORMAT_VERSION);
  out.u32(body.length);
  out.u32(crc32(body.bytes, 0, body.length));
  out.u32(crc32(out.bytes, 0, HEADER_CHECKSUM_AT));
  out.raw(body.bytes, 0, body.length);
  return out.toBytes();
}

/** The message of an error says what was found where, and what to do. */
export function decodeInFlightFile(bytes: Uint8Array, path: string): Result<InFlightFile, string> {
  const damage = findDamage(bytes);
  if (damage !== undefined) return err(`in-flight file "${path}", ${damage}`);
  try {
    const version = new ByteReader(bytes, MAGIC.length).u32();
    const body = new ByteReader(bytes, HEADER_LENGTH);
    return ok({ channels: readChannels(body, version === LOGGED_VERSION) });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return err(
      `in-flight file "${path}": ${error.message}; the checksum fits, so it was written like this: ` +
        "run the version that wrote it",
    );
  }
}

function findDamage(bytes: Uint8Array): string | undefined {
  const { length } = bytes;
  if (length < HEADER_LENGTH) {
    return text(length, `a header of ${HEADER_LENGTH} bytes`, `${length} bytes`);
  }
  const magic = String.fromCharCode(...bytes.subarray(0, MAGIC.length));
  if (magic !== MAGIC) return text(0, JSON.stringify(MAGIC), JSON.stringify(magic));
  const header = new ByteReader(bytes, MAGIC.length);
  const version = header.u32();
  const bodyLength = header.u32();
  const bodyChecksum = header.u32();
  const headerChecksum = header.u32();
  const headerActual = crc32(bytes, 0, HEADER_CHECKSUM_AT);
  if (headerChecksum !== headerActual) {
    return text(0, `header checksum ${hex(headerChecksum)}`, hex(headerActual));
  }
  if (version !== FORMAT_VERSION && version !== LOGGED_VERSION) {
    const known = `${FORMAT_VERSION} or ${LOGGED_VERSION}`;
    return text(MAGIC.length, `format version ${known}`, `${version}`);
  }
  if (length !== HEADER_LENGTH + bodyLength) {
    return text(LENGTH_AT, `${HEADER_LENGTH + bodyLength} bytes`, `${length} bytes`);
  }
  const actual = crc32(bytes, HEADER_LENGTH);
  if (bodyChecksum === actual) return undefined;
  return text(BODY_CHECKSUM_AT, `body checksum ${hex(bodyChecksum)}`, hex(actual));
}

const text = (offset: number, expected: string, found: string): string =>
  `byte ${offset}: expected ${expected}, found ${found}; restore a copy, or an older checkpoint`;

const hex = (value: number): string => `0x${value.toString(16).padStart(8, "0")}`;

function writeOrigin(origin: ChannelOrigin, out: ByteWriter): void {
  out.string(origin.from);
  out.string(origin.to);
  out.varint(origin.input);
  out.string(origin.tag);
  out.varint(origin.twin);
  out.varint(origin.sender);
  out.varint(origin.receiver);
  out.varint(origin.senders);
  out.varint(origin.receivers);
}

const readOrigin = (input: ByteReader): ChannelOrigin => ({
  from: asOperatorUid(input.string()),
  to: asOperatorUid(input.string()),
  input: input.varint(),
  tag: input.string(),
  twin: input.varint(),
  sender: input.varint(),
  receiver: input.varint(),
  senders: input.varint(),
  receivers: input.varint(),
});

function readChannels(input: ByteReader, logged: boolean): InFlightChannel[] {
  const channels: InFlightChannel[] = [];
  for (let left = input.varint(); left > 0; left--) {
    const origin = readOrigin(input);
    const offset = input.position;
    const which = input.u8();
    if (which > 1) throw new DecodeError(`end ${which} of a channel, which has two`, offset);
    const end = which === 0 ? "receiver" : "sender";
    const at = logged ? { at: input.varint() } : {};
    channels.push({ origin, end, ...at, bytes: input.blob().slice() });
  }
  if (input.remaining > 0) {
    throw new DecodeError(`${input.remaining} bytes behind the last channel`, input.position);
  }
  return channels;
}
