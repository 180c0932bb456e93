/**
 * The log of what is in the memtable and in no run yet, and what a crash leaves of it.
 *
 *   record   length, CRC-32 of the rest; prefix, key, value
 *
 * WL1  What was synced is read back; a record that is not whole ends the log, and all behind it counts as
 *      never written.
 */
import { ByteReader, DecodeError } from "../../core/bytes.ts";
import type { ByteWriter } from "../../core/bytes.ts";
import { crc32 } from "../../core/checksum.ts";
import type { Entry } from "./entry.ts";

const HEAD_BYTES = 2 * 4;

/** @param out scratch; what it held is gone */
export function encodeLogRecord({ key, prefix, value }: Entry, out: ByteWriter): Uint8Array {
  out.reset();
  out.u32(0);
  out.u32(0);
  out.varint(prefix);
  out.blob(key);
  out.varint(value === undefined ? 0 : 1);
  if (value !== undefined) out.blob(value);
  const record = out.toBytes();
  out.reset();
  out.u32(record.length - HEAD_BYTES);
  out.u32(crc32(record, HEAD_BYTES));
  record.set(out.bytes.subarray(0, HEAD_BYTES));
  return record;
}

/** The entries of a log, up to the first record that is not whole. */
export function readLog(bytes: Uint8Array): readonly Entry[] {
  const entries: Entry[] = [];
  const input = new ByteReader(bytes);
  while (input.remaining >= HEAD_BYTES) {
    const [length, checksum] = [input.u32(), input.u32()];
    // A block that never reached the disk reads as zeros, and a record is never empty.
    if (length === 0 || length > input.remaining) break;
    const record = input.raw(length);
    if (crc32(record) !== checksum) break;
    const entry = readRecord(record);
    if (entry === undefined) break;
    entries.push(entry);
  }
  return entries;
}

function readRecord(record: Uint8Array): Entry | undefined {
  try {
    const input = new ByteReader(record);
    const prefix = input.varint();
    const key = input.blob().slice();
    const value = input.varint() === 0 ? undefined : input.blob().slice();
    return input.remaining === 0 ? { prefix, key, value } : undefined;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
