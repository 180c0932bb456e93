/**
 * Which life of its process this is: a number that rises with every start, kept on the local disk.
 *
 * Messages of a former life may come late, and whoever gets them has to tell which life came first.
 * Neither chance nor a clock says so for certain. The number is durable before it is used:
 *
 *   write beside it -> sync the file -> rename over it -> sync the directory
 *
 * so a crash at any point leaves the old number or the new one, and no number is used twice. A number whose
 * sync has failed is not used, and is written anew: another sync of what is there would prove nothing.
 */
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";
import { ok, type Result } from "../core/result.ts";
import type { Disk, DiskError } from "../host/disk.ts";

/** The one file that must not be lost for as long as the process has its name. */
export const INCARNATION_PATH = "incarnation";
const NEXT_PATH = "incarnation.next";

/** From 1. An error is the disk's; nothing has been used up then, and it may be asked again. */
export function nextIncarnation(disk: Disk): Result<number, DiskError> {
  const last = lastIncarnation(disk);
  if (!last.ok) return last;
  const next = last.value + 1;
  const out = new ByteWriter(8);
  out.varint(next);
  const written = disk.write(NEXT_PATH, out.toBytes());
  if (!written.ok) return written;
  const synced = disk.sync(NEXT_PATH);
  if (!synced.ok) return synced;
  const renamed = disk.rename(NEXT_PATH, INCARNATION_PATH);
  if (!renamed.ok) return renamed;
  disk.syncDirectory();
  return ok(next);
}

/** 0 before the first. A file that is there and cannot be read is no first life. */
function lastIncarnation(disk: Disk): Result<number, DiskError> {
  const stored = disk.read(INCARNATION_PATH);
  if (!stored.ok) return stored.error.kind === "not-found" ? ok(0) : stored;
  const input = new ByteReader(stored.value);
  const last = input.varint();
  if (input.remaining > 0)
    throw new DecodeError(`more than a number in ${INCARNATION_PATH}`, input.position);
  return ok(last);
}
